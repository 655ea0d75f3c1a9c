"""What runs does not lose its ground silently: what it stands on is not taken away, and what changes under it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.making import far, made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("ground"), run_jobs=False, log_level="error")
    with TestClient(create_app(settings)) as client:
        load(client)
        plan = made(client.app.state.context.store, world.request(world.CAMERAS), far("cameras"))  # type: ignore[attr-defined]
        assert client.post(f"/v1/plans/{plan.id}/apply").status_code == 200
        yield client


def put(path: str, kind: str, whole: dict[str, Any]) -> Callable[[TestClient], Any]:
    """Put a whole document that leaves a kind out."""
    return lambda client: client.put(path, json={**whole, kind: []})


TAKEN: dict[str, Callable[[TestClient], Any]] = {
    "node": lambda client: client.delete("/v1/nodes/centre"),
    "link": lambda client: client.delete("/v1/links/hub-centre"),
    "site": lambda client: client.delete("/v1/sites/plant"),
    "access": lambda client: client.delete("/v1/accesses/plant-wired"),
    "accelerator": lambda client: client.delete("/v1/accelerators/card"),
    "profile": lambda client: client.delete("/v1/profiles/detector-card"),
    "policy": lambda client: client.delete("/v1/policies/open"),
    "links of a document": put("/v1/network", "links", world.NETWORK),
    "accesses of a document": put("/v1/network", "accesses", world.NETWORK),
    "node of a document": lambda client: client.put(
        "/v1/network", json={**world.NETWORK, "nodes": world.NODES[:1], "links": []}
    ),
    "profiles of a document": put("/v1/catalogue", "profiles", world.CATALOGUE),
    "policies": lambda client: client.put("/v1/policies", json={"policies": [{"id": "other", "name": "Other"}]}),
    "an import": lambda client: client.post("/v1/import", json={"network": {**world.NETWORK, "links": []}}),
    "ends of a link": lambda client: client.patch("/v1/links/hub-centre", json={"source": "centre"}),
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_something_in_force_stands_on_is_not_taken_away(service: TestClient, what: str) -> None:
    before = service.get("/v1/generation").json()
    answer = TAKEN[what](service)
    if what == "ends of a link":
        assert answer.status_code in (409, 422)
    else:
        assert refused(answer, 409, "in_use")["errors"]
    assert service.get("/v1/generation").json() == before


#: A change of value under the cameras in the centre, and the rule that they break then.
VALUES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a pool of none": ("/v1/nodes/centre", {"pools": [{"accelerator": "card", "count": 0}]}, ""),
    "no pool": ("/v1/nodes/centre", {"pools": []}, "accelerator"),
    "no processors": ("/v1/nodes/centre", {"vcpu": 0}, "node_capacity"),
    "a thin link": ("/v1/links/hub-centre", {"capacity_kbps": 1}, "link_capacity"),
    "a slow link": ("/v1/links/hub-centre", {"latency_us": 59_000}, "deadline"),
    "a slow access": ("/v1/accesses/plant-wired", {"rtt_p50_us": 59_000, "rtt_p99_us": 59_900}, "deadline"),
    "a thin access": ("/v1/accesses/plant-wired", {"uplink_kbps": 1_000}, ""),
    "a slow profile": ("/v1/profiles/detector-card", {"batches": [[1, 59_000]]}, "deadline"),
    "a policy": ("/v1/policies/open", {"countries": ["JP"]}, "residency"),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_change_of_value_is_taken_and_what_it_breaks_is_told_at_once(service: TestClient, what: str) -> None:
    path, given, rule = VALUES[what]
    was = service.get(path).json()
    last = service.get("/v1/events/log?limit=1").json()["items"][-1]["id"]
    assert service.patch(path, json=given).status_code == 200
    generation = service.get("/v1/generation").json()["generation"]
    try:
        [row] = service.get("/v1/allocations").json()["items"]
        assert row["status"] == "disturbed"
        assert rule in ("", *row["disturbed"]["rules"])
        told = service.get(f"/v1/events/log?after={last}&types=allocation.disturbed").json()["items"]
        assert [(event["generation"], event["detail"]["shards"]) for event in told] == [(generation, 1)]
        assert 'edgeplan_allocation_shards{status="disturbed"} 1.0' in service.get("/metrics").text
    finally:
        assert service.patch(path, json={name: was[name] for name in given}).status_code == 200
    [row] = service.get("/v1/allocations").json()["items"]
    assert row["status"] == "placed"
