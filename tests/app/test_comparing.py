"""Two plans side by side: the changes are those between their decisions, and those that applying makes."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.app import world
from tests.app.conftest import planned, refused
from tests.app.test_maps import all_of

#: What each of these workloads is worth.
VALUE = world.CAMERAS["value_month"]
ACTIONS = ("placed", "moved", "resized", "unplaced", "ended")


def compared(client: TestClient, plan: str, other: str, limit: int = 1000) -> dict[str, Any]:
    """The whole comparison, its pages joined."""
    params: dict[str, Any] = {"with": other, "limit": limit}
    first: dict[str, Any] = client.get(f"/v1/plans/{plan}/comparison", params=params).json()
    items, following = list(first["items"]), first["next"]
    while following is not None:
        page = client.get(f"/v1/plans/{plan}/comparison", params={**params, "cursor": following}).json()
        assert {**page, "items": 0, "next": 0} == {**first, "items": 0, "next": 0}
        items, following = items + page["items"], page["next"]
    return {**first, "items": items, "next": None}


def expected(decisions: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The changes between two lists of decisions, worked out the plain way."""
    after, before = ({(d["workload"], d["shard"]): d for d in rows} for rows in (decisions, others))
    found: list[tuple[Any, ...]] = []
    for key in sorted(after.keys() | before.keys()):
        nowhere = {"node": None, "profile": None, "servers": None}
        was, now = before.get(key) or nowhere, after.get(key) or nowhere
        if all(was[field] == now[field] for field in nowhere):
            if was["node"] is None and key not in before:
                found.append((*key, "unplaced", None, None))
            continue
        if was["node"] is None:
            action = "placed"
        elif now["node"] is None:
            action = "ended"
        else:
            action = "resized" if was["node"] == now["node"] else "moved"
        found.append((*key, action, was["node"], now["node"]))
    return found


def check(client: TestClient, plan: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Hold the comparison of two plans to their decisions and figures."""
    found = compared(client, plan["id"], other["id"])
    decisions, others = (all_of(client, f"/v1/plans/{each['id']}/decisions") for each in (plan, other))
    items = [(i["workload"], i["shard"], i["action"], i["from_node"], i["to_node"]) for i in found["items"]]
    assert items == expected(decisions, others)
    for action in ACTIONS:
        assert found[action] == sum(item["action"] == action for item in found["items"])
    assert sum(found[action] for action in (*ACTIONS, "kept")) >= len(decisions)
    assert (found["plan"], found["other"]) == (plan["id"], other["id"])
    about, same = ({row["workload"] for row in rows} for rows in (decisions, others))
    same &= about
    assert found["same_workloads"] == len(same)
    for side, whole, each, rows in (
        ("cost_month", "cost", plan, decisions), ("other_cost_month", "other_cost", other, others)
    ):  # fmt: skip
        goals = {goal["goal"]: goal["cost_month"] for goal in each["result"]["cost_by_goal"]}
        left_out = [row for row in rows if row["workload"] not in same]
        if not left_out:
            assert {goal["goal"]: goal[side] for goal in found["cost_by_goal"] if goal[side]} == {
                name: cost for name, cost in goals.items() if cost
            }
        unplaced = {row["workload"] for row in left_out if row["node"] is None}
        [told] = [goal[side] for goal in found["cost_by_goal"] if goal["goal"] == "unplaced"] or [0]
        assert told == goals["unplaced"] - sum(VALUE for _ in unplaced)
        assert found[whole] == sum(goal[side] for goal in found["cost_by_goal"]) <= each["result"]["cost"]
    for name in ("request_cost", "request_cost_by_goal"):
        assert found[name] == plan["result"][name]
    return found


def test_plans_are_compared_both_ways(client: TestClient) -> None:
    both = planned(client, world.CAMERAS, world.NIGHT_CAMERAS)
    at_hub = planned(
        client, {**world.CAMERAS, "tiers": ["mec"]}, world.workload("night-cameras", devices=40), world.STOP_BUTTON
    )
    there, back = check(client, at_hub, both), check(client, both, at_hub)
    actions = {item["workload"]: item["action"] for item in there["items"]}
    assert actions == {"cameras": "moved", "night-cameras": "resized", "stop-button": "unplaced"}
    [moved] = [item for item in back["items"] if item["action"] == "moved"]
    assert (moved["from_node"], moved["to_node"]) == ("hub", "centre")
    resized = next(item for item in there["items"] if item["action"] == "resized")
    assert resized["to_servers"] > resized["from_servers"] == 1
    less = planned(client, world.NIGHT_CAMERAS)
    assert [item["action"] for item in check(client, less, both)["items"]] == ["ended"]
    assert [item["action"] for item in check(client, both, less)["items"]] == ["placed"]
    itself = check(client, both, both)
    assert (itself["items"], itself["kept"]) == ([], 2)


def test_what_is_compared_with_the_allocation_is_what_applying_does(client: TestClient) -> None:
    def hold(plan: dict[str, Any], on_stale: str = "refuse") -> None:
        found = compared(client, plan["id"], "allocation")
        before = {(row["workload"], row["shard"]): row["node"] for row in all_of(client, "/v1/allocations")}
        since = client.get("/v1/generation").json()["generation"]
        applied = client.post(f"/v1/plans/{plan['id']}/apply", json={"on_stale": on_stale}).json()
        for name in ("kept", "placed", "moved", "resized", "unplaced", "ended"):
            assert found[name] == applied[name]
        stopped = [item for item in found["items"] if item["from_node"] is not None and item["to_node"] is None]
        assert len(stopped) == applied["ended"]
        after = {(row["workload"], row["shard"]): row["node"] for row in all_of(client, "/v1/allocations")}
        for item in found["items"]:
            key = item["workload"], item["shard"]
            assert (before.get(key), after.get(key)) == (item["from_node"], item["to_node"])
        untouched = after.keys() - {(item["workload"], item["shard"]) for item in found["items"]}
        assert all(before[key] == after[key] for key in untouched)
        told = client.get("/v1/allocations/changes", params={"since": since}).json()["items"]
        assert [(t["workload"], t["action"]) for t in told] == [(i["workload"], i["action"]) for i in found["items"]]

    nothing = planned(client, *world.WORKLOADS)
    assert compared(client, nothing["id"], "allocation")["other"] is None
    hold(nothing)
    older = planned(client, {**world.CAMERAS, "tiers": ["mec"]})
    hold(planned(client, world.workload("third")))
    hold(older, "reverify")
    hold(planned(client, {**world.CAMERAS, "tiers": ["mec"]}, world.workload("night-cameras", devices=40)))
    hold(planned(client, world.workload("cameras", deadline_us=300)))
    split = planned(client, world.workload("third", devices=20, shard_devices=10))
    hold(split)
    hold(planned(client, world.workload("third")))
    found = compared(client, split["id"], "allocation")
    assert found["other"] != split["id"]
    assert found["placed"] == 1


def test_changes_come_in_pages_and_never_of_an_older_state(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    whole = compared(client, plan["id"], "allocation")
    assert [item["action"] for item in whole["items"]] == ["placed", "placed", "unplaced"]
    assert compared(client, plan["id"], "allocation", limit=1) == whole
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    assert compared(client, plan["id"], "allocation")["items"] == []
    assert client.delete("/v1/workloads/cameras").status_code == 204
    assert [item["workload"] for item in compared(client, plan["id"], "allocation")["items"]] == ["cameras"]


def test_what_cannot_be_compared_is_refused(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS)
    path, ghost = f"/v1/plans/{plan['id']}/comparison", "00000000-0000-0000-0000-000000000000"
    refused(client.get(path, params={"with": ghost}), 404, "not_found")
    refused(client.get(f"/v1/plans/{ghost}/comparison"), 404, "not_found")
    refused(client.get(path, params={"with": "x"}), 422, "invalid")
    refused(client.get(path, params={"cursor": "x"}), 422, "cursor.invalid")
    client.app.state.context.supervisor.stop()  # type: ignore[attr-defined]
    waiting = client.post("/v1/plans", json=world.request(world.CAMERAS)).json()
    refused(client.get(path, params={"with": waiting["id"]}), 409, "plan.not_ready")
