"""Plans that wait: not too many of them, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.identity.caller import LOCAL
from app.main import create_app
from app.settings import Settings
from app.store.sql import open_store
from tests.app import world
from tests.app.conftest import load, refused


@pytest.fixture
def waiting(settings: Settings) -> Iterator[TestClient]:
    """A service that solves nothing, and takes on three plans."""
    with TestClient(create_app(settings.model_copy(update={"run_jobs": False, "queue_length": 3}))) as client:
        load(client)
        yield client


def asked(client: TestClient, **more: Any) -> Any:
    return client.post("/v1/plans", json=world.request(world.CAMERAS, **more))


def test_so_many_plans_wait_and_no_more(waiting: TestClient) -> None:
    ids = [asked(waiting).json()["id"] for _ in range(3)]
    answer = asked(waiting, priority="high")
    refused(answer, 503, "queue.full")
    assert int(answer.headers["retry-after"]) > 0
    assert len(waiting.get("/v1/plans").json()["items"]) == 3
    assert waiting.post(f"/v1/plans/{ids[0]}/cancel").status_code == 200
    assert asked(waiting).status_code == 202


def test_the_most_urgent_is_solved_first_and_among_equals_the_oldest(waiting: TestClient, settings: Settings) -> None:
    priorities = ("low", "normal", "high")
    ids = {priority: asked(waiting, priority=priority).json()["id"] for priority in priorities}
    told = {plan["id"]: plan["priority"] for plan in waiting.get("/v1/plans").json()["items"]}
    assert told == {id: priority for priority, id in ids.items()}
    assert waiting.get(f"/v1/plans/{ids['low']}").json()["priority"] == "low"
    assert waiting.get(f"/v1/plans/{ids['low']}/request").json()["priority"] == "low"
    store = open_store(settings.store_url)
    with store.writing(LOCAL) as session:
        claims = [session.jobs.claim("test") for _ in range(3)]
        assert [claim and claim.id for claim in claims] == [ids["high"], ids["normal"], ids["low"]]
    with store.writing(LOCAL) as session:
        for at in range(3):
            session.jobs.add(f"urgent-{at}", 10**13 + at, 2)
            session.jobs.add(f"usual-{at}", at)
        order = [session.jobs.claim("test") for _ in range(6)]
        assert [claim and claim.id for claim in order] == [f"{k}-{at}" for k in ("urgent", "usual") for at in range(3)]
    store.close()


def test_a_priority_is_one_of_three(waiting: TestClient) -> None:
    refused(asked(waiting, priority="urgent"), 422, "invalid")
    assert asked(waiting).json()["priority"] == "normal"


def test_plans_of_before_had_no_priority(waiting: TestClient, settings: Settings, tmp_path: Path) -> None:
    id = asked(waiting).json()["id"]
    store = open_store(settings.store_url)
    with store.writing(LOCAL) as session:
        row = session.plans.get(id)
        assert row is not None
        brief = {name: value for name, value in row.brief.items() if name != "priority"}
        session.plans._set(id, brief=brief)
    store.close()
    assert waiting.get(f"/v1/plans/{id}").json()["priority"] == "normal"
