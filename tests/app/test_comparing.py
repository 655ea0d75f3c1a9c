"""What would change is what applying changes."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.app import world
from tests.app.conftest import planned, refused

FAILED = {"nodes": [{"id": "centre", "state": "failed"}]}


def compared(client: TestClient, plan: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/plans/{plan['id']}/comparison", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(found: dict[str, Any]) -> dict[str, int]:
    names = ("kept", "moved", "resized", "placed", "unplaced", "ended")
    return {name: found[name] for name in names if found[name]}


def test_a_plan_is_compared_with_what_is_in_force(client: TestClient) -> None:
    first = planned(client, *world.WORKLOADS)
    found = compared(client, first)
    assert counts(found) == {"placed": 2, "unplaced": 1}
    assert (found["other"], found["other_cost"], found["cost"]) == (None, None, first["result"]["cost"])
    assert [(row["workload"], row["action"], row["to_node"]) for row in found["items"]] == [
        ("cameras", "placed", "centre"),
        ("night-cameras", "placed", "centre"),
        ("stop-button", "unplaced", None),
    ]
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    found = compared(client, first, **{"with": "allocation"})
    assert counts(found) == {"kept": 3}
    assert (found["other"], found["other_cost"], found["items"]) == (first["id"], found["cost"], [])


def test_applying_does_what_the_comparison_said(client: TestClient) -> None:
    four = [world.workload(f"fleet-{number}", move_cost_krw=1_000) for number in range(4)]
    assert client.post(f"/v1/plans/{planned(client, *four)['id']}/apply").status_code == 200
    second = planned(client, world.workload("regional-only", tiers=["regional"]), scope={"running": "move"})
    found = compared(client, second)
    applied = client.post(f"/v1/plans/{second['id']}/apply").json()
    assert counts(found) == {name: applied[name] for name in ("kept", "moved", "placed")}
    [move] = [row for row in found["items"] if row["action"] == "moved"]
    assert (move["from_node"], move["to_node"]) == ("centre", "hub")
    assert (move["from_profile"], move["to_servers"]) == ("detector-card", 1)


def test_what_a_plan_is_not_about_stays(client: TestClient) -> None:
    older = planned(client, world.CAMERAS)
    newer = planned(client, world.NIGHT_CAMERAS)
    assert client.post(f"/v1/plans/{newer['id']}/apply").status_code == 200
    assert counts(compared(client, older)) == {"placed": 1}
    assert counts(compared(client, older, **{"with": newer["id"]})) == {"placed": 1, "ended": 1}


def test_two_plans_are_compared_page_by_page(client: TestClient) -> None:
    here = planned(client, world.CAMERAS, world.NIGHT_CAMERAS)
    there = planned(client, world.CAMERAS, world.workload("third"), what_if=FAILED)
    found = compared(client, here, **{"with": there["id"]})
    assert counts(found) == {"moved": 1, "placed": 1, "ended": 1}
    goals = {cost["goal"]: (cost["krw_month"], cost["other_krw_month"]) for cost in found["cost_by_goal"]}
    assert goals["accelerators"] == (1_200_000, 1_800_000)
    items, cursor = [], None
    while True:
        page = compared(client, here, **{"with": there["id"]}, limit=1, **({} if cursor is None else {"cursor": cursor}))
        assert counts(page) == counts(found)
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert items == found["items"]
    assert [(row["workload"], row["action"]) for row in items] == [
        ("cameras", "moved"),
        ("night-cameras", "placed"),
        ("third", "ended"),
    ]


def test_what_cannot_be_compared_is_refused(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS)
    path = f"/v1/plans/{plan['id']}/comparison"
    refused(client.get(path, params={"with": "00000000-0000-0000-0000-000000000000"}), 404, "not_found")
    refused(client.get(path, params={"with": "nothing"}), 422, "invalid")
    refused(client.get(path, params={"cursor": "x"}), 422, "cursor.invalid")
