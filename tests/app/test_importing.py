"""Whole worlds are imported whole or not at all, with a backup; and what changes nothing is no change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.store import backups
from app.store.sql import open_store
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.making import far, made

WORLD: dict[str, Any] = {
    "catalogue": world.CATALOGUE,
    "network": world.NETWORK,
    "policies": {"policies": world.POLICIES},
    "workloads": {"workloads": [world.CAMERAS]},
}
#: Another world: nothing of the tiny one is in it.
OTHER: dict[str, Any] = {
    "network": {"nodes": [{**world.NODES[0], "id": "elsewhere", "pools": []}]},
    "catalogue": {"accelerators": [], "profiles": []},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service that solves nothing, with a fleet in force. Tests leave it as they find it."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("running"), run_jobs=False, log_level="error")
    with TestClient(create_app(settings)) as client:
        load(client)
        put_in_force(client)
        yield client


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A service that solves nothing, and knows the tiny world."""
    with TestClient(create_app(settings.model_copy(update={"run_jobs": False}))) as client:
        load(client)
        yield client


def put_in_force(client: TestClient) -> str:
    """Have a fleet run in the centre; the plan that says so."""
    store = client.app.state.context.store  # type: ignore[attr-defined]
    plan = made(store, world.request(world.CAMERAS), far("cameras"))
    assert client.post(f"/v1/plans/{plan.id}/apply").status_code == 200
    return plan.id


def everything(client: TestClient) -> dict[str, Any]:
    """All that an import could change."""
    kinds = ("nodes", "links", "sites", "accesses", "accelerators", "profiles", "policies", "workloads")
    paths = (
        *(f"/v1/{kind}" for kind in kinds),
        "/v1/generation",
        "/v1/allocations",
        "/v1/changes?since=0",
        "/v1/events/log",
    )
    return {path: client.get(path).json() for path in paths}


def copies(client: TestClient) -> list[Path]:
    settings: Settings = client.app.state.context.settings  # type: ignore[attr-defined]
    return backups.made_before(settings.data_dir / "edgeplan.db")


def test_documents_are_stored_together_in_one_generation(empty: TestClient) -> None:
    done = empty.post("/v1/import", json=WORLD).json()
    assert done["generation"] == 1
    assert {one["document"]: one["generation"] for one in done["documents"]} == dict.fromkeys(WORLD, 1)
    assert done["sentence"].startswith(
        "Added: 2 nodes, 1 link, 1 site, 1 access, 1 accelerator, 1 profile, 1 policy, 1 work"
    )
    [event] = empty.get("/v1/events/log?types=generation.changed").json()["items"]
    assert event["detail"]["parts"] == ["catalogue", "network", "policies", "workloads"]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"network": {**world.NETWORK, "nodes": [{"id": "x"}]}}, 422, "invalid"),
        ({"network": {**world.NETWORK, "links": [{**world.LINKS[0], "target": "nowhere"}]}}, 422, "reference.unknown"),
        ({"workloads": {"workloads": [world.workload("w", model="unseen")]}}, 422, "reference.unknown"),
        ({"catalogue": {"accelerators": [], "profiles": []}, "network": world.NETWORK}, 422, "reference.unknown"),
        ({"policies": {"policies": [*world.POLICIES, *world.POLICIES]}}, 422, "invalid"),
        ({"expected": {"policies": 99}}, 412, "precondition.failed"),
    ],
)
def test_what_is_refused_has_changed_nothing(
    running: TestClient, fresh: bool, wrong: dict[str, Any], status: int, code: str
) -> None:
    before = everything(running)
    refused(running.post("/v1/import", json={**WORLD, **wrong, "fresh": fresh}), status, code)
    assert everything(running) == before
    assert copies(running) == []


@pytest.mark.parametrize("fresh", [False, True])
def test_an_import_of_nothing_is_refused_and_nothing_is_lost(running: TestClient, fresh: bool) -> None:
    before = running.get("/v1/network").json()
    refused(running.post("/v1/import", json={"fresh": fresh}), 422, "invalid")
    assert running.get("/v1/network").json() == before


def test_a_fresh_import_ends_what_runs_says_so_and_keeps_a_copy(client: TestClient) -> None:
    put_in_force(client)
    before = client.get("/v1/network").json()
    refused(client.post("/v1/import", json=OTHER), 409, "in_use")
    done = client.post("/v1/import", json={**OTHER, "fresh": True}).json()
    assert (done["ended_shards"], done["ended_workloads"]) == (1, ["cameras"])
    for words in ("Removed: 2 nodes", "1 policy", "Ended: 1 shard of 1 workload", done["backup"]):
        assert words in done["sentence"]
    assert client.get("/v1/allocations").json()["items"] == []
    assert client.get("/v1/allocations/summary").json()["plan"] is None
    assert [node["id"] for node in client.get("/v1/nodes").json()["items"]] == ["elsewhere"]
    event = client.get("/v1/events/log?types=generation.changed").json()["items"][-1]
    assert event["detail"]["ended"] == 1
    [copy] = copies(client)
    assert copy.name == done["backup"]
    with closing(open_store(f"sqlite:///{copy}")) as kept, kept.reading() as session:
        assert [body["id"] for body in session.entities.bodies("nodes")] == sorted(node["id"] for node in before["nodes"])
        assert [row.decision.workload for row in session.allocation.rows()] == ["cameras"]


def test_what_runs_for_workloads_that_are_left_out_is_ended_if_it_may_and_said(client: TestClient) -> None:
    put_in_force(client)
    without = {"workloads": {"workloads": [world.NIGHT_CAMERAS]}}
    before = everything(client)
    no = refused(client.post("/v1/import", json=without), 409, "import.would_end")
    assert no["detail"] == "1 shard of 1 workload would end."
    assert [fault["field"] for fault in no["errors"]] == ["workloads[cameras]"]
    assert (everything(client), copies(client)) == (before, [])
    done = client.post("/v1/import", json={**without, "may_end": True}).json()
    assert (done["ended_shards"], done["ended_workloads"]) == (1, ["cameras"])
    assert "Ended: 1 shard of 1 workload that ran." in done["sentence"]
    assert client.get("/v1/allocations").json()["items"] == []


def test_the_newest_five_copies_are_kept(client: TestClient) -> None:
    names = [
        client.post("/v1/import", json={"policies": {"policies": [{"id": "open", "name": f"{k}"}]}}).json()["backup"]
        for k in range(7)
    ]
    assert [copy.name for copy in copies(client)] == names[2:]
    assert {copy.stat().st_mode & 0o777 for copy in copies(client)} == {0o600}


def test_no_room_for_the_copy_is_a_refusal(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(client)
    monkeypatch.setattr("app.store.backups.SPARE_BYTES", 2**60)
    refused(client.post("/v1/import", json=OTHER | {"fresh": True}), 507, "store.full")
    assert everything(client) == before
    assert copies(client) == []


NOTHING: list[Callable[[TestClient], Any]] = [
    lambda client: client.put("/v1/network", json=world.NETWORK),
    lambda client: client.put("/v1/network", json=client.get("/v1/network").json()),
    lambda client: client.put("/v1/network", json={**world.NETWORK, "nodes": world.NODES[::-1]}),
    lambda client: client.put("/v1/catalogue", json=world.CATALOGUE),
    lambda client: client.put("/v1/policies", json={"policies": world.POLICIES}),
    lambda client: client.put("/v1/workloads", json={"workloads": client.get("/v1/workloads").json()["items"]}),
    lambda client: client.post("/v1/import", json={name: WORLD[name] for name in ("catalogue", "network", "policies")}),
    lambda client: client.patch("/v1/nodes/hub", json={}),
    lambda client: client.patch("/v1/nodes/hub", json={"vcpu": 64, "name": "Hub"}),
    lambda client: client.patch("/v1/links/hub-centre", json={"latency_us": 2000}),
    lambda client: client.patch("/v1/policies/open", json={"name": "Open"}),
    lambda client: client.post("/v1/nodes/hub/activate", json={"reason": "again"}),
]


@pytest.mark.parametrize("nothing", NOTHING)
def test_what_changes_nothing_makes_no_generation(running: TestClient, nothing: Callable[[TestClient], Any]) -> None:
    before = everything(running)
    assert nothing(running).status_code == 200
    assert everything(running) == before
    assert copies(running) == []


def test_what_changes_nothing_leaves_open_plans_fresh(client: TestClient) -> None:
    assert client.post("/v1/nodes/hub/fail").status_code == 200
    store = client.app.state.context.store  # type: ignore[attr-defined]
    plan = made(store, world.request(world.CAMERAS), far("cameras"))
    before = everything(client)
    assert client.post("/v1/nodes/hub/fail").status_code == 200
    for nothing in (*NOTHING[3:6], *NOTHING[7:-1]):
        assert nothing(client).status_code == 200
    assert everything(client) == before
    first = client.post(f"/v1/plans/{plan.id}/apply").json()
    applied = everything(client)
    assert client.post(f"/v1/plans/{plan.id}/apply").json() == first
    assert everything(client) == applied


def test_only_what_differs_is_written(client: TestClient) -> None:
    was = {path: client.get(f"/v1/{path}").headers["ETag"] for path in ("nodes/hub", "links/hub-centre")}
    nodes = [{**world.NODES[0], "vcpu": 99}, world.NODES[1]]
    assert client.put("/v1/network", json={**world.NETWORK, "nodes": nodes}).status_code == 200
    assert client.get("/v1/nodes/hub").headers["ETag"] != was["nodes/hub"]
    assert client.get("/v1/links/hub-centre").headers["ETag"] == was["links/hub-centre"]
