"""What would become of what runs if a node failed: asked as a what-if of scope `repair` that names no workload."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.app import world
from tests.app.conftest import planned, refused


def rehearsed(client: TestClient, node: str) -> dict[str, Any]:
    return planned(client, scope={"running": "repair"}, what_if={"nodes": [{"id": node, "state": "failed"}]})


def test_those_that_find_a_place_and_those_that_do_not_are_told_with_the_price(client: TestClient) -> None:
    """Three run in the centre; the hub has room for two of them. The least valuable stays without."""
    fleets = [world.workload(f"fleet-{n}", value_month=50_000_000 + n) for n in range(3)]
    first = planned(client, *fleets)
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    before = client.get("/v1/allocations").json()
    plan = rehearsed(client, "centre")
    assert plan["what_if"]
    told = client.get(f"/v1/plans/{plan['id']}/comparison").json()
    assert {(row["workload"], row["from_node"], row["to_node"]) for row in told["items"]} == {
        ("fleet-1", "centre", "hub"), ("fleet-2", "centre", "hub")
    }  # fmt: skip
    [stays] = client.get(f"/v1/plans/{plan['id']}/decisions", params={"status": "disturbed"}).json()["items"]
    assert (stays["workload"], stays["node"]) == ("fleet-0", "centre")
    # Two go where a card is dearer, and the third costs what it is worth.
    assert told["cost"] - told["other_cost"] > 50_000_000
    assert client.get("/v1/allocations").json() == before
    refused(client.post(f"/v1/plans/{plan['id']}/apply"), 409, "plan.what_if")


def test_where_nothing_runs_nothing_falls_away(client: TestClient) -> None:
    first = planned(client, world.CAMERAS)
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    plan = rehearsed(client, "hub" if first["result"]["summary"]["by_tier"][0]["tier"] == "regional" else "centre")
    told = client.get(f"/v1/plans/{plan['id']}/comparison").json()
    assert (told["items"], told["disturbed"]) == ([], 0)
    assert told["cost"] == told["other_cost"]
