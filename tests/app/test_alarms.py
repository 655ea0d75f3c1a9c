"""The alarms count exactly what the lists that they lead to show, and nothing raises one that is as it should be."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.jobs.judge_pool import JudgePool
from app.schemas.alarms import Alarms
from tests.app import world
from tests.app.conftest import planned

QUIET = {
    "failed_nodes": 0,
    "draining_nodes": 0,
    "disturbed_shards": 0,
    "unlawful_shards": 0,
    "refused_shards": 0,
    "stale": None,
}


def alarms(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/alarms").json()
    Alarms.model_validate(found)
    return {name: value for name, value in found.items() if name not in ("generation", "day")}


def in_force(client: TestClient, *workloads: dict[str, Any]) -> dict[str, Any]:
    plan = planned(client, *workloads)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    return plan


def listed(client: TestClient, status: str) -> int:
    return len(client.get("/v1/allocations", params={"status": status, "limit": 1000}).json()["items"])


def test_nothing_is_raised_where_nothing_is_wrong(client: TestClient) -> None:
    assert alarms(client) == QUIET
    in_force(client, world.CAMERAS)
    assert alarms(client) == QUIET, (
        "a plan that was just applied knows the world, the workloads that it brought with it, too"
    )


def test_each_counts_what_its_list_shows(client: TestClient) -> None:
    plan = in_force(client, *world.WORKLOADS)
    assert alarms(client) == {**QUIET, "refused_shards": listed(client, "unplaced")}
    assert listed(client, "unplaced") == 1
    assert client.post("/v1/nodes/centre/fail").status_code == 200
    assert client.post("/v1/nodes/hub/drain").status_code == 200
    found = alarms(client)
    assert (found["failed_nodes"], found["draining_nodes"]) == (1, 1)
    assert found["disturbed_shards"] == listed(client, "disturbed") == 2
    generation = client.get("/v1/generation").json()
    assert found["stale"] == {
        "plan": plan["id"],
        "generation": plan["generation"],
        "changed": ["network"],
        "newest": generation["network"],
    }
    for node in ("centre", "hub"):
        assert client.post(f"/v1/nodes/{node}/activate").status_code == 200
    assert alarms(client)["disturbed_shards"] == 0


def test_what_is_unlawful_is_counted_by_itself(client: TestClient) -> None:
    in_force(client, world.CAMERAS)
    assert client.patch("/v1/policies/open", json={"countries": ["JP"]}).status_code == 200
    found = alarms(client)
    assert found["unlawful_shards"] == client.get("/v1/allocations/summary").json()["standing"]["unlawful_shards"] == 1
    assert found["disturbed_shards"] == listed(client, "disturbed") == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "part"),
    [
        ("PATCH", "/v1/nodes/hub", {"vcpu": 65}, "network"),
        ("POST", "/v1/policies", {"id": "strict"}, "policies"),
        ("PATCH", "/v1/workloads/cameras", {"devices": 11}, "workloads"),
    ],
)
def test_a_plan_is_stale_once_the_world_has_changed(
    client: TestClient, method: str, path: str, body: dict[str, Any], part: str
) -> None:
    in_force(client, world.CAMERAS)
    assert client.request(method, path, json=body).is_success
    assert alarms(client)["stale"]["changed"] == [part]
    in_force(client, world.CAMERAS)
    assert alarms(client)["stale"] is None, "the next plan knows it"


def test_alarms_cost_no_picture(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    in_force(client, world.CAMERAS)
    # Not even the first: a nation is judged for half a minute, and the strip of alarms must not come that late.
    for door in ("call", "write"):
        monkeypatch.setattr(JudgePool, door, lambda *given: pytest.fail("computed"))
    tag = client.get("/v1/alarms").headers["etag"]
    assert client.get("/v1/alarms").headers["etag"] == tag
    assert client.get("/v1/alarms", headers={"If-None-Match": tag}).status_code == 304
