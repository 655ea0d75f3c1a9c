"""Applying is all or nothing: whoever comes first wins, and a death in the middle leaves everything as it was."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.errors import AppError, NotFound, StaleGeneration
from app.identity.caller import LOCAL
from app.service.applying import apply_plan
from app.service.cache import Cache
from app.service.judging import Appraisal, appraise
from app.settings import Settings
from app.store.port import Store
from app.store.records import PlanRow, SummaryRow
from app.store.sql import open_store
from app.store.sql_allocation import SqlAllocation
from tests.app import world
from tests.app.conftest import planned, raced, refused


def _apply_and_die(url: str, plan: str) -> None:
    """Apply a plan, and be killed when all but the last of it is written."""

    def die(self: SqlAllocation, row: SummaryRow) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    SqlAllocation.put_summary = die  # type: ignore[method-assign]
    apply_plan(Cache.of(open_store(url)), LOCAL, plan, "refuse")


def test_a_service_killed_in_mid_apply_has_changed_nothing(client: TestClient, settings: Settings) -> None:
    first = planned(client, world.CAMERAS)
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    before = everything(client)
    second = planned(client, world.NIGHT_CAMERAS)
    told = client.get("/v1/events/log").json()
    process = multiprocessing.get_context("spawn").Process(target=_apply_and_die, args=(settings.store_url, second["id"]))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert everything(client) == before
    assert client.get("/v1/events/log").json() == told
    applied = client.post(f"/v1/plans/{second['id']}/apply").json()
    assert (applied["placed"], applied["kept"]) == (1, 1)


def test_what_stays_on_a_draining_node_stays_disturbed(client: TestClient) -> None:
    first = planned(client, world.CAMERAS, world.NIGHT_CAMERAS)
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    assert client.post("/v1/nodes/centre/drain").status_code == 200
    other = planned(client, world.workload("third"))
    assert client.post(f"/v1/plans/{other['id']}/apply").json()["kept"] == 2
    rows = {row["workload"]: (row["node"], row["status"]) for row in client.get("/v1/allocations").json()["items"]}
    assert rows == {
        "cameras": ("centre", "disturbed"), "night-cameras": ("centre", "disturbed"), "third": ("hub", "placed")
    }  # fmt: skip
    away = planned(client, world.CAMERAS)
    assert client.post(f"/v1/plans/{away['id']}/apply").json()["moved"] == 1
    assert client.post("/v1/nodes/centre/activate").status_code == 200
    assert {row["status"] for row in client.get("/v1/allocations").json()["items"]} == {"placed"}


@pytest.mark.parametrize("late", [False, True])
def test_a_plan_deleted_while_it_is_applied_is_not_there(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    plan = planned(client, world.CAMERAS)["id"]
    before = everything(client)
    judge = appraise

    def deleting(store: Store, row: PlanRow) -> Appraisal:
        judged = judge(store, row) if late else None
        assert client.delete(f"/v1/plans/{plan}").status_code == 204
        return judged or judge(store, row)

    monkeypatch.setattr("app.service.applying.appraise", deleting)
    with pytest.raises(NotFound):
        apply_plan(Cache.of(open_store(settings.store_url)), LOCAL, plan, "refuse")
    assert everything(client) == before


def everything(client: TestClient) -> list[Any]:
    """All that an apply could change."""
    return [
        client.get(path).json()
        for path in (
            "/v1/generation",
            "/v1/allocations",
            "/v1/allocations/summary",
            "/v1/allocations/changes",
            "/v1/allocations/usage",
            "/v1/workloads",
            "/v1/changes",
        )
    ]


def test_of_two_planners_one_is_told_to_plan_again(client: TestClient, settings: Settings) -> None:
    """Both plans want the last two cards of the centre; both are made from the same generation."""
    filler = planned(client, *(world.workload(f"fleet-{number}") for number in range(2)))
    assert client.post(f"/v1/plans/{filler['id']}/apply").status_code == 200
    plans = [
        planned(client, *(world.workload(f"{who}-{number}", tiers=["regional"]) for number in range(2)))
        for who in ("one", "two")
    ]
    assert plans[0]["generation"] == plans[1]["generation"]
    assert raced(settings, (plan["id"] for plan in plans)) == ["applied", "generation.stale"]
    running = client.get("/v1/allocations", params={"node": "centre"}).json()["items"]
    assert len(running) == 4
    use = client.get("/v1/allocations/usage", params={"node": "centre", "accelerator": "card"}).json()["items"][0]
    assert use["used"] == use["capacity"] == 4000
    loser = plans[0] if client.get(f"/v1/plans/{plans[0]['id']}").json()["applied_generation"] is None else plans[1]
    again = client.post(f"/v1/plans/{loser['id']}/apply", json={"on_stale": "reverify"})
    assert refused(again, 409, "plan.illegal")["errors"][0]["expected"] == "node_capacity"


def test_many_planners_lose_nothing(client: TestClient, settings: Settings) -> None:
    """Six planners keep at it until each has its fleet placed: no update is lost, and nothing is over capacity."""
    ids = [f"fleet-{number}" for number in range(6)]
    plans = {name: planned(client, world.workload(name))["id"] for name in ids}
    failures: list[AppError] = []

    def keep_at_it(name: str) -> None:
        store = open_store(settings.store_url)
        try:
            for _ in range(20):
                try:
                    apply_plan(Cache.of(store), LOCAL, plans[name], "reverify")
                    return
                except StaleGeneration:
                    continue
        except AppError as error:
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=keep_at_it, args=(name,)) for name in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {failure.code for failure in failures} == {"plan.illegal"}
    assert len(failures) == 2
    rows = client.get("/v1/allocations", params={"status": "placed"}).json()["items"]
    assert len(rows) == 4
    use = client.get("/v1/allocations/usage", params={"node": "centre", "accelerator": "card"}).json()["items"][0]
    assert use["used"] == use["capacity"]
    assert client.get("/v1/generation").json()["generation"] == 3 + 4
