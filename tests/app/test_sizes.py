"""What one request may cost: nothing that is looked at grows with the square of what is asked, or without a limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import Invalid, UnknownReference
from app.schemas.faults import FAULTS_TOLD
from app.schemas.requests import PlanRequest
from app.service.worlds import Worlds
from app.settings import Settings
from app.store.sql import open_store
from app.world.question import MOST_SHARDS, question
from app.world.stored import World
from tests.app import world
from tests.app.making import load


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The tiny world."""
    folder: Path = tmp_path_factory.mktemp("sizes")
    store = open_store(Settings(data_dir=folder).store_url, 100)
    load(store)
    yield Worlds(store).newest()
    store.close()


def asked(*workloads: dict[str, Any], **more: Any) -> PlanRequest:
    return PlanRequest.model_validate(world.request(*workloads, **more))


def fleet(name: str, shards: int) -> dict[str, Any]:
    """A workload of so many shards of one device each."""
    return world.workload(name, devices=shards, shard_devices=1, rate_mhz=1)


def test_shards_are_counted_before_they_are_looked_at(known: World) -> None:
    """A small body can ask for any number of them, and each of them is asked after by name."""
    with pytest.raises(Invalid) as refused:
        question(known, asked(fleet("one", 10_000_000), fleet("two", 5)))
    [fault] = refused.value.faults
    assert fault.field == "workloads[one].shard_devices"
    assert "10000005 shards in all" in fault.message
    many = [fleet(f"fleet-{number}", 99_999) for number in range(MOST_SHARDS // 99_999 + 1)]
    with pytest.raises(Invalid, match="too large"):
        question(known, asked(*many))
    assert question(known, asked(fleet("one", 1_000))).problem.workloads[0].shards == 1_000


class Unsearched(tuple[str, ...]):
    """A list of names in which nobody looks for one after the other."""

    def __contains__(self, name: object) -> bool:
        raise AssertionError("what is asked for each workload is looked up")


def test_what_may_end_is_looked_up(known: World) -> None:
    request = asked(world.CAMERAS, world.NIGHT_CAMERAS, scope={"may_end": ["cameras"]})
    scope = request.scope.model_copy(update={"may_end": Unsearched(["cameras"])})
    posed = question(known, request.model_copy(update={"scope": scope}))
    assert {workload.id: workload.may_end for workload in posed.problem.workloads} == {
        "cameras": True,
        "night-cameras": False,
    }


def test_only_the_first_of_many_unknown_names_are_told(known: World) -> None:
    request = asked(scope={"running": "keep"}, workload_ids=[f"w{number}" for number in range(5_000)])
    with pytest.raises(UnknownReference) as refused:
        question(known, request)
    assert len(refused.value.faults) == FAULTS_TOLD
