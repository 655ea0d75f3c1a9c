"""What planners say to the service, in the order in which they would."""

from __future__ import annotations

import time
from typing import Any

from fastapi.testclient import TestClient

from app.identity.caller import LOCAL
from tests.app import world
from tests.app.conftest import planned, refused


def test_a_request_becomes_a_plan_that_is_proven_and_explained(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert plan["generation"] == 3
    result = plan["result"]
    assert result["status"] == "optimal"
    assert result["cost"] == result["bound"] == 50_000_000 + 2 * 600_000
    assert {goal["goal"]: goal["cost_month"] for goal in result["cost_by_goal"]}["unplaced"] == 50_000_000
    path = f"/v1/plans/{plan['id']}"
    decisions = client.get(f"{path}/decisions").json()["items"]
    assert [(row["workload"], row["node"]) for row in decisions] == [
        ("cameras", "centre"),
        ("night-cameras", "centre"),
        ("stop-button", None),
    ]
    latency = decisions[0]["latency"]
    assert sum(latency[part] for part in latency if part != "deadline_us") == latency["deadline_us"]
    assert latency["transport_us"] == 2 * 2_000
    unplaced = client.get(f"{path}/unplaced").json()["items"]
    assert [row["workload"] for row in unplaced] == ["stop-button"]
    assert "deadline" in {reason["rule"] for reason in unplaced[0]["refusal"]["reasons"]}
    placed = client.get(f"{path}/explanations/cameras").json()
    assert placed["placed"][0]["next_best"]["node"] == "hub"
    assert placed["placed"][0]["extra_cost"] == 300_000
    refusal = client.get(f"{path}/explanations/stop-button").json()
    assert {node["node"] for node in refusal["candidates"]} == {"hub", "centre"}
    assert all(node["refusals"] for node in refusal["candidates"])
    refused(client.get(f"{path}/explanations/nobody"), 404, "not_found")
    series = client.get(f"{path}/progress").json()
    assert series["points"][-1]["gap"] == 0
    use = client.get(f"{path}/usage", params={"node": "centre", "accelerator": "card"}).json()["items"]
    assert [(row["used"], row["capacity"]) for row in use] == [(2000, 4000)]


def test_a_solve_starts_from_the_newest_plan_unless_told_not_to(client: TestClient) -> None:
    first = planned(client, *world.WORKLOADS)
    assert first["result"]["started_from"] is None
    cost = first["result"]["cost"]
    what_if = planned(client, *world.WORKLOADS, what_if={"nodes": [{"id": "hub", "vcpu": 4}]})
    assert what_if["result"]["started_from"] == first["id"]
    again = planned(client, *world.WORKLOADS)
    assert (again["result"]["started_from"], again["result"]["cost"]) == (first["id"], cost)
    body = world.request(*world.WORKLOADS, seconds=20)
    body["limits"]["start"] = "cold"
    cold = client.post("/v1/plans", json=body, headers={"Prefer": "wait=60"}).json()
    assert (cold["result"]["started_from"], cold["result"]["cost"]) == (None, cost)
    assert client.delete(f"/v1/plans/{cold['id']}").status_code == 204
    assert planned(client, *world.WORKLOADS)["result"]["started_from"] is None


def test_a_memory_that_cannot_be_read_only_costs_time(client: TestClient) -> None:
    first = planned(client, *world.WORKLOADS)
    with client.app.state.context.store.writing(LOCAL) as session:  # type: ignore[attr-defined]
        session.plans.keep_memory(first["id"], b"of another version")
    again = planned(client, *world.WORKLOADS)
    assert (again["result"]["started_from"], again["result"]["cost"]) == (None, first["result"]["cost"])


def test_without_waiting_the_answer_is_where_to_look(client: TestClient) -> None:
    answer = client.post("/v1/plans", json=world.request(world.CAMERAS))
    assert answer.status_code == 202
    path = answer.headers["location"]
    assert path == f"/v1/plans/{answer.json()['id']}"
    assert ended(client, answer.json()["id"])["status"] == "finished"
    again = client.get(f"{path}/request").json()
    assert client.post("/v1/plans", json=again).status_code == 202


def test_a_document_in_the_place_of_a_request_is_told_where_it_belongs(client: TestClient) -> None:
    for name, body in (
        ("network", world.NETWORK),
        ("catalogue", world.CATALOGUE),
        ("policies", {"policies": world.POLICIES}),
    ):
        told = refused(client.post("/v1/plans", json=body), 422, "invalid")
        assert f"document '{name}'" in told["detail"]
        assert f"PUT /v1/{name}" in told["detail"]
        assert len(told["errors"]) == 1
    odd = refused(client.post("/v1/plans", json={"terms": {"horizon": "2026-12-01"}, "nodes": []}), 422, "invalid")
    assert odd["errors"][0]["message"] == "there is no field 'nodes' here"


def test_a_plan_is_applied_whole_and_once(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    path = f"/v1/plans/{plan['id']}/apply"
    applied = client.post(path).json()
    assert (applied["placed"], applied["unplaced"], applied["generation"]) == (2, 1, 4)
    assert client.post(path).json() == applied
    assert client.get("/v1/generation").json()["generation"] == 4
    assert {row["id"] for row in client.get("/v1/workloads").json()["items"]} == {
        "cameras",
        "night-cameras",
        "stop-button",
    }
    refused(client.delete(f"/v1/plans/{plan['id']}"), 409, "plan.in_force")


def test_a_stale_plan_changes_nothing_unless_it_is_judged_again(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS)
    path = f"/v1/plans/{plan['id']}/apply"
    assert client.patch("/v1/nodes/hub", json={"note": "painted"}).status_code == 200
    refused(client.post(path), 409, "generation.stale")
    assert client.get("/v1/allocations").json()["items"] == []
    assert client.post("/v1/nodes/centre/fail").status_code == 200
    broken = refused(client.post(path, json={"on_stale": "reverify"}), 409, "plan.illegal")
    assert broken["errors"][0]["expected"] == "node_state"
    assert client.get("/v1/allocations").json()["items"] == []
    assert client.post("/v1/nodes/centre/activate").status_code == 200
    applied = client.post(path, json={"on_stale": "reverify"}).json()
    assert (applied["placed"], applied["reverified"]) == (1, True)


def test_what_runs_keeps_its_place_and_its_share(client: TestClient) -> None:
    """Four fleets fill the centre; two more take the hub; a seventh finds no card."""
    four = [world.workload(f"fleet-{number}") for number in range(4)]
    first = planned(client, *four)
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    three = [world.workload(f"late-{number}") for number in range(3)]
    second = planned(client, *three)
    rows = client.get(f"/v1/plans/{second['id']}/decisions").json()["items"]
    where = {row["workload"]: row["node"] for row in rows}
    assert [where[f"fleet-{number}"] for number in range(4)] == ["centre"] * 4
    assert sorted(str(where[f"late-{number}"]) for number in range(3)) == ["None", "hub", "hub"]
    assert {row["workload"]: row["in_request"] for row in rows}["fleet-0"] is False
    applied = client.post(f"/v1/plans/{second['id']}/apply").json()
    assert (applied["placed"], applied["kept"], applied["unplaced"]) == (2, 4, 1)
    running = client.get("/v1/allocations", params={"status": "placed"}).json()["items"]
    assert len(running) == 6


def test_scope_lets_what_runs_make_room(client: TestClient) -> None:
    """Fleets that run far away make room for one that may only run there, at the price of a move each."""
    four = [world.workload(f"fleet-{number}", move_cost=1_000) for number in range(4)]
    first = planned(client, *four)
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    fixed = world.workload("regional-only", tiers=["regional"])
    kept = planned(client, fixed)
    assert kept["result"]["unplaced_shards"] == 1
    for scope in ({"running": "move"}, {"from_nodes": ["centre"]}, {"from_sites": ["plant"]}):
        moved = planned(client, fixed, scope=scope)
        assert moved["result"]["unplaced_shards"] == 0
    applied = client.post(f"/v1/plans/{moved['id']}/apply").json()
    assert (applied["placed"], applied["moved"], applied["kept"]) == (1, 1, 3)


def test_a_newcomer_ends_nothing_unless_it_is_told_that_it_may(client: TestClient) -> None:
    """Every card is taken by fleets of little value; the newcomer is worth far more than any of them."""
    six = [world.workload(f"fleet-{number}", value_month=2_000_000) for number in range(6)]
    first = planned(client, *six)
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    new = world.workload("new", value_month=1_000_000_000)
    for running in ("repair", "keep", "move"):
        kept = planned(client, new, scope={"running": running})
        decisions = client.get(f"/v1/plans/{kept['id']}/decisions").json()["items"]
        assert {row["workload"] for row in decisions if row["node"] is None} == {"new"}
        assert kept["result"]["moved_shards"] == 0
    named = planned(client, new, scope={"running": "keep", "may_end": ["fleet-3"]})
    decisions = client.get(f"/v1/plans/{named['id']}/decisions").json()["items"]
    assert {row["workload"] for row in decisions if row["node"] is None} == {"fleet-3"}
    taken = planned(client, new, scope={"running": "preempt"})
    decisions = client.get(f"/v1/plans/{taken['id']}/decisions").json()["items"]
    [ended] = [row for row in decisions if row["node"] is None]
    assert ended["in_request"] is False
    assert ended["previous_node"] is not None
    outcome = client.post(f"/v1/plans/{taken['id']}/apply").json()
    assert (outcome["placed"], outcome["ended"], outcome["kept"]) == (1, 1, 5)


def test_a_repair_moves_what_is_disturbed_and_nothing_else(client: TestClient) -> None:
    """Two fleets run on the hub, which drains; the centre has room for one of them, and two run there already."""
    near = [world.workload(f"near-{number}", tiers=["mec"]) for number in range(2)]
    away = [world.workload(f"away-{number}", tiers=["regional"]) for number in range(3)]
    first = planned(client, *near, *away)
    assert client.post(f"/v1/plans/{first['id']}/apply").json()["placed"] == 5
    for workload in near:
        assert client.patch(f"/v1/workloads/{workload['id']}", json={"tiers": ["mec", "regional"]}).status_code == 200
    assert client.post("/v1/nodes/hub/drain").status_code == 200
    body = {"terms": world.TERMS, "scope": {"running": "repair"}, "limits": {"seconds": 20}}
    plan = client.post("/v1/plans", json=body, headers={"Prefer": "wait=60"}).json()
    assert plan["status"] == "finished", plan["failure"]
    result = plan["result"]
    assert (result["moved_shards"], result["disturbed_shards"], result["unplaced_shards"]) == (1, 1, 0)
    outcome = client.post(f"/v1/plans/{plan['id']}/apply").json()
    assert (outcome["moved"], outcome["kept"], outcome["ended"], outcome["disturbed"]) == (1, 4, 0, 1)


def test_a_what_if_is_answered_and_never_applied(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS, what_if={"nodes": [{"id": "centre", "state": "failed"}]})
    assert plan["what_if"] is True
    rows = client.get(f"/v1/plans/{plan['id']}/decisions").json()["items"]
    assert rows[0]["node"] == "hub"
    assert client.get(f"/v1/plans/{plan['id']}/explanations/cameras").json()["placed"][0]["node"] == "hub"
    refused(client.post(f"/v1/plans/{plan['id']}/apply"), 409, "plan.what_if")
    assert client.get("/v1/nodes/centre").json()["state"] == "active"
    assert client.get("/v1/generation").json()["generation"] == 3
    unknown = {"nodes": [{"id": "nowhere", "state": "failed"}]}
    answer = client.post("/v1/plans", json=world.request(world.CAMERAS, what_if=unknown))
    refused(answer, 422, "reference.unknown")


def test_stored_workloads_are_asked_for_by_id(client: TestClient) -> None:
    assert client.put("/v1/workloads", json={"workloads": world.WORKLOADS}).status_code == 200
    body = {"workload_ids": ["cameras"], "terms": world.TERMS, "limits": {"seconds": 20}}
    plan = client.post("/v1/plans", json=body, headers={"Prefer": "wait=60"}).json()
    assert plan["result"]["placed_shards"] == 1
    problem = refused(
        client.post("/v1/plans", json={**body, "workload_ids": ["cameras", "nobody"]}), 422, "reference.unknown"
    )
    assert problem["errors"][0]["field"] == "workload_ids[1]"


def test_an_explanation_speaks_of_the_world_the_plan_was_made_in(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS)
    assert client.patch("/v1/links/hub-centre", json={"latency_us": 9_000_000}).status_code == 200
    told = client.get(f"/v1/plans/{plan['id']}/explanations/cameras").json()
    assert told["generation"] == plan["generation"]
    assert told["placed"][0]["latency"]["transport_us"] == 4_000


def test_who_has_no_time_is_told_the_reasons_when_they_ask(client: TestClient) -> None:
    body = world.request(*world.WORKLOADS, seconds=1e-6)
    plan = client.post("/v1/plans", json=body, headers={"Prefer": "wait=60"}).json()
    assert plan["status"] == "finished"
    path = f"/v1/plans/{plan['id']}"
    (unplaced,) = client.get(f"{path}/unplaced").json()["items"]
    assert unplaced["refusal"] is None
    assert client.get(f"{path}/explanations/{unplaced['workload']}").json()["candidates"]


def test_a_foreign_plan_is_judged(client: TestClient) -> None:
    def judged(**changes: Any) -> dict[str, Any]:
        placement = {
            "workload": "cameras",
            "node": "centre",
            "profile": "detector-card",
            "servers": 1,
            "route": ["hub-centre"],
            **changes,
        }
        body = {"workloads": [world.CAMERAS], "terms": world.TERMS, "placements": [placement]}
        answer = client.post("/v1/verify", json=body)
        assert answer.status_code == 200, answer.text
        verdict: dict[str, Any] = answer.json()
        return verdict

    good = judged()
    assert (good["ok"], good["cost"], good["violations"]) == (True, 600_000, [])
    crowded = judged(servers=5)
    assert crowded["ok"] is False
    over = next(violation for violation in crowded["violations"] if violation["rule"] == "node_capacity")
    assert (over["needed"], over["available"]) == (5000, 4000)
    assert over["sentence"]
    lost = judged(node="hub", route=["hub-centre"])
    assert lost["violations"][0]["rule"] == "form"
    nothing = client.post("/v1/verify", json={"workloads": [world.CAMERAS], "terms": world.TERMS, "placements": []}).json()
    assert (nothing["ok"], nothing["cost"]) == (True, 50_000_000)
    assert nothing["unplaced"] == [{"workload": "cameras", "shard": 0}]
    unknown = {"workload": "cameras", "node": "moon", "profile": "detector-card", "servers": 1}
    body = {"workloads": [world.CAMERAS], "terms": world.TERMS, "placements": [unknown]}
    problem = refused(client.post("/v1/verify", json=body), 422, "reference.unknown")
    assert problem["errors"][0]["field"] == "placements[0].node"


def test_plans_are_listed_newest_first_and_forgotten(client: TestClient) -> None:
    ids = [planned(client, world.CAMERAS)["id"] for _ in range(3)]
    page = client.get("/v1/plans", params={"limit": 2}).json()
    rest = client.get("/v1/plans", params={"limit": 2, "cursor": page["next"]}).json()
    assert [plan["id"] for plan in page["items"] + rest["items"]] == ids[::-1]
    assert client.get("/v1/plans", params={"status": "failed"}).json()["items"] == []
    assert client.delete(f"/v1/plans/{ids[0]}").status_code == 204
    refused(client.get(f"/v1/plans/{ids[0]}"), 404, "not_found")
    refused(client.post(f"/v1/plans/{ids[1]}/cancel"), 409, "plan.ended")
    told = client.get(f"/v1/plans/{ids[1]}/explanations/cameras")
    assert told.status_code == 200


def test_a_request_that_the_world_outran_ends_with_its_reason(client: TestClient) -> None:
    """Two solves wait; what the second names is deleted while the first runs."""
    assert client.post("/v1/workloads", json=world.CAMERAS).status_code == 201
    client.post("/v1/plans", json=world.request(world.NIGHT_CAMERAS, seconds=5))
    body = {"workload_ids": ["cameras"], "terms": world.TERMS, "limits": {"seconds": 5}}
    waiting = client.post("/v1/plans", json=body).json()
    assert client.delete("/v1/workloads/cameras").status_code == 204
    plan = ended(client, waiting["id"])
    if plan["status"] == "failed":
        assert plan["failure"]["code"] == "reference.unknown"
        assert "cameras" in plan["failure"]["reason"]
        refused(client.get(f"/v1/plans/{plan['id']}/decisions"), 409, "plan.not_ready")
        refused(client.post(f"/v1/plans/{plan['id']}/apply"), 409, "plan.not_ready")
    else:
        assert plan["status"] == "finished"
        refused(client.post(f"/v1/plans/{plan['id']}/apply"), 409, "generation.stale")


def ended(client: TestClient, id: str) -> dict[str, Any]:
    """The plan, once it has ended."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        plan: dict[str, Any] = client.get(f"/v1/plans/{id}").json()
        if plan["status"] in ("finished", "cancelled", "failed"):
            return plan
        time.sleep(0.1)
    raise AssertionError("the plan did not end")
