"""The revision of an entity: what `ETag` and `If-Match` speak of. A change of anything else refuses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.store.port import Store
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.making import far, made

SITE = {**world.SITES[0], "id": "port"}


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A service that solves nothing, and knows the tiny world."""
    with TestClient(create_app(settings.model_copy(update={"run_jobs": False}))) as client:
        load(client)
        yield client


def tag(client: TestClient, path: str) -> str:
    found: str = client.get(path).headers["etag"]
    return found


def revision(answer: Any) -> int:
    return int(answer.headers["etag"].strip('"'))


def generation(answer: Any) -> int:
    return int(answer.headers["edgeplan-generation"])


def in_force(client: TestClient, *workloads: dict[str, Any]) -> None:
    """Have workloads run in the centre, a card each."""
    store: Store = client.app.state.context.store  # type: ignore[attr-defined]
    places = (far(workload["id"], card=card) for card, workload in enumerate(workloads))
    plan = made(store, world.request(*workloads), *places)
    assert client.post(f"/v1/plans/{plan.id}/apply").status_code == 200


def test_it_begins_at_the_generation_that_creates_and_grows_by_one_with_each_change(client: TestClient) -> None:
    made = client.post("/v1/sites", json=SITE)
    begin = revision(made)
    assert begin == generation(made) == client.get("/v1/generation").json()["generation"]
    client.patch("/v1/nodes/hub", json={"vcpu": 65})
    changed = client.patch("/v1/sites/port", json={"name": "Port"})
    assert (revision(changed), generation(changed)) == (begin + 1, begin + 2)
    still = client.patch("/v1/sites/port", json={"name": "Port"})
    assert (revision(still), generation(still)) == (begin + 1, begin + 2)
    read = client.get("/v1/sites/port")
    assert (revision(read), generation(read)) == (begin + 1, begin + 2)
    drained = client.post("/v1/nodes/hub/drain")
    assert revision(drained) == revision(client.get("/v1/nodes/hub")) < generation(drained)


def test_none_is_given_twice_to_an_id(client: TestClient) -> None:
    given = [revision(client.post("/v1/sites", json=SITE))]
    for name in ("a", "b", "c"):
        given.append(revision(client.patch("/v1/sites/port", json={"name": name})))
    last = f'"{given[-1]}"'
    assert client.delete("/v1/sites/port", headers={"If-Match": last}).status_code == 204
    given.append(revision(client.post("/v1/sites", json=SITE)))
    assert len(set(given)) == len(given)
    refused(client.delete("/v1/sites/port", headers={"If-Match": last}), 412, "precondition.failed")


def test_an_import_makes_one_of_what_it_changes_alone(client: TestClient) -> None:
    hub, centre = (revision(client.get(f"/v1/nodes/{id}")) for id in ("hub", "centre"))
    nodes = [{**world.NODES[0], "vcpu": 99}, *world.NODES[1:]]
    assert client.put("/v1/network", json={**world.NETWORK, "nodes": nodes}).status_code == 200
    assert revision(client.get("/v1/nodes/hub")) == hub + 1
    assert revision(client.get("/v1/nodes/centre")) == centre
    refused(client.patch("/v1/nodes/hub", json={"vcpu": 1}, headers={"If-Match": f'"{hub}"'}), 412, "precondition.failed")


def test_what_is_changed_elsewhere_refuses_nobody(client: TestClient) -> None:
    """Another node, an import that leaves it as it is, a plan that is asked for, applied, undone."""
    assert client.post("/v1/workloads", json=world.workload("cameras")).status_code == 201
    paths = ("/v1/nodes/hub", "/v1/links/hub-centre", "/v1/policies/open", "/v1/workloads/cameras")
    tags = {path: tag(client, path) for path in paths}
    assert client.patch("/v1/nodes/centre", json={"vcpu": 300}).status_code == 200
    nodes = [world.NODES[0], {**world.NODES[1], "vcpu": 301}]
    assert client.put("/v1/network", json={**world.NETWORK, "nodes": nodes}).status_code == 200
    assert client.post("/v1/plans", json=world.request(world.workload("new"))).status_code == 202
    assert client.post("/v1/plans/latest/cancel").status_code == 200
    in_force(client, world.workload("cameras"))
    assert client.post("/v1/nodes/centre/fail").status_code == 200
    assert {path: tag(client, path) for path in paths} == tags
    for path, held in tags.items():
        answer = client.patch(path, json={"note": "mine"}, headers={"If-Match": held})
        assert answer.status_code == 200, (path, answer.text)
    assert client.post("/v1/nodes/hub/drain", headers={"If-Match": tag(client, "/v1/nodes/hub")}).status_code == 200


def test_a_plan_that_changes_no_workload_does_not_change_their_document(client: TestClient) -> None:
    assert client.post("/v1/workloads", json=world.CAMERAS).status_code == 201
    before = client.get("/v1/generation").json()
    in_force(client, world.CAMERAS)
    after = client.get("/v1/generation").json()
    assert (after["workloads"], after["allocation"]) == (before["workloads"], before["generation"] + 1)
    known = {"If-Match": f'"{before["workloads"]}"'}
    assert client.put("/v1/workloads", json={"workloads": [world.CAMERAS]}, headers=known).status_code == 200
    in_force(client, {**world.CAMERAS, "devices": 11})
    refused(client.put("/v1/workloads", json={"workloads": []}, headers=known), 412, "precondition.failed")


def test_the_history_tells_the_revision_and_who_did_it_for_whom(client: TestClient) -> None:
    made = client.post("/v1/sites", json=SITE)
    changed = client.patch("/v1/sites/port", json={"name": "Port"})
    client.delete("/v1/sites/port")
    rows = client.get("/v1/changes", params={"kind": "sites", "id": "port"}).json()["items"]
    assert [row["revision"] for row in rows] == [revision(made), revision(changed), None]
    rows += client.get("/v1/changes").json()["items"]
    in_force(client, world.CAMERAS)
    rows += client.get("/v1/plans").json()["items"]
    rows += client.get("/v1/allocations/history").json()["items"]
    rows += client.get("/v1/allocations/changes", params={"since": 0}).json()["items"]
    assert {(row["tenant"], row["actor"]) for row in rows} == {("operator", "local")}


def test_what_the_service_does_unasked_is_its_own(client: TestClient) -> None:
    in_force(client, world.CAMERAS)
    told = client.get("/v1/events/log").json()["items"]
    by = {row["type"]: row["actor"] for row in told}
    assert by["plan.finished"] == "service"
    assert by["plan.queued"] == by["plan.applied"] == by["generation.changed"] == "local"
