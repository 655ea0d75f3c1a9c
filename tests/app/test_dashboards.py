"""What a dashboard asks again and again."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.app import world
from tests.app.conftest import planned, refused


def test_before_anything_is_applied_there_is_nothing(client: TestClient) -> None:
    assert client.get("/v1/allocations").json() == {"items": [], "next": None}
    summary = client.get("/v1/allocations/summary").json()
    assert (summary["plan"], summary["now"], summary["as_applied"]) == (None, [], None)


def test_the_allocation_is_polled(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    first = client.get("/v1/allocations")
    assert [row["workload"] for row in first.json()["items"]] == ["cameras", "night-cameras", "stop-button"]
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get("/v1/allocations", headers=tag).status_code == 304
    assert client.patch("/v1/nodes/hub", json={"vcpu": 65}).status_code == 200
    assert client.get("/v1/allocations", headers=tag).status_code == 304
    assert client.post("/v1/nodes/centre/drain").status_code == 200
    assert client.get("/v1/allocations", headers=tag).status_code == 200
    for filters, count in (
        ({"node": "centre"}, 2),
        ({"node": "hub"}, 0),
        ({"site": "plant"}, 3),
        ({"policy": "open"}, 3),
        ({"status": "disturbed"}, 2),
        ({"status": "placed"}, 0),
        ({"status": "unplaced"}, 1),
        ({"tier": "regional"}, 2),
        ({"plan": plan["id"]}, 3),
        ({"in_request": "true"}, 3),
        ({"sort": "-margin_us", "limit": "1"}, 1),
    ):
        assert len(client.get("/v1/allocations", params=filters).json()["items"]) == count, filters
    seen: list[str] = []
    params = {"limit": "1", "sort": "margin_us"}
    while True:
        page = client.get("/v1/allocations", params=params).json()
        seen += [row["workload"] for row in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert sorted(seen) == ["cameras", "night-cameras", "stop-button"]


def test_the_summary_adds_up(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    answer = client.get("/v1/allocations/summary")
    summary = answer.json()
    figures = summary["as_applied"]
    assert figures["placed"] == {"workloads": 2, "shards": 2, "devices": 20}
    assert figures["refused"] == {"workloads": 1, "shards": 1, "devices": 10}
    assert figures["cost_month"] == sum(goal["cost_month"] for goal in figures["cost_by_goal"])
    cards = [use for use in figures["use_by_tier"] if use["resource"] == "accelerators"]
    assert {use["group"]: (use["used"], use["capacity"]) for use in cards} == {
        "regional": (2000, 4000),
        "mec": (0, 2000),
    }
    provinces = {use["group"] for use in figures["use_by_province"]}
    assert provinces == {"KR-26", "KR-50"}
    assert figures["tightest"][0]["used_permille"] == 500
    assert figures["margins"]["least_us"] == figures["margins"]["tightest"][0]["margin_us"]
    assert {row["status"]: row["shards"] for row in summary["now"]} == {"placed": 2, "unplaced": 1}
    assert client.get("/v1/allocations/summary", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    use = client.get(
        "/v1/allocations/usage", params={"rule": "node_capacity", "node": "centre", "accelerator": "card"}
    ).json()
    assert [(row["used"], row["capacity"]) for row in use["items"]] == [(2000, 4000)]


def test_changes_are_told_once(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    told = client.get("/v1/allocations/changes").json()
    assert [(row["workload"], row["action"], row["to_node"]) for row in told["items"]] == [
        ("cameras", "placed", "centre"),
        ("night-cameras", "placed", "centre"),
        ("stop-button", "unplaced", None),
    ]
    since = told["generation"]
    assert client.get("/v1/allocations/changes", params={"since": since}).json()["items"] == []
    assert client.post("/v1/nodes/centre/fail").status_code == 200
    told = client.get("/v1/allocations/changes", params={"since": since}).json()
    assert {row["action"] for row in told["items"]} == {"disturbed"}
    evacuation = planned(client, world.CAMERAS, world.NIGHT_CAMERAS)
    assert client.post(f"/v1/plans/{evacuation['id']}/apply").status_code == 200
    told = client.get("/v1/allocations/changes", params={"since": told["generation"]}).json()
    assert [(row["workload"], row["action"], row["from_node"], row["to_node"]) for row in told["items"]] == [
        ("cameras", "moved", "centre", "hub"),
        ("night-cameras", "moved", "centre", "hub"),
    ]
    assert client.delete("/v1/workloads/cameras").status_code == 204
    last = client.get("/v1/allocations/changes", params={"since": told["generation"]}).json()["items"]
    assert [(row["workload"], row["action"]) for row in last] == [("cameras", "ended")]
    assert len(client.get("/v1/allocations", params={"status": "placed"}).json()["items"]) == 1
    refused(client.get("/v1/allocations/changes", params={"since": -1}), 422, "invalid")
