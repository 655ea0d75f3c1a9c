"""What is shown is what is: use, status and figures follow the world, not the plan that was applied."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api import maps
from app.clock import today
from app.service import settling, standing
from app.service.cache import Cache, pictured
from app.service.settling import refresh
from app.service.standing import Standing
from tests.app import world
from tests.app.conftest import planned, refused
from tests.app.test_comparing import compared
from tests.app.test_maps import all_of


def applied(client: TestClient, *workloads: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A plan of these workloads, in force."""
    plan = planned(client, *workloads, **more)
    answer = client.post(f"/v1/plans/{plan['id']}/apply")
    assert answer.status_code == 200, answer.text
    return plan


def statuses(client: TestClient) -> dict[str, str]:
    """Status by workload and shard."""
    return {f"{row['workload']}/{row['shard']}": row["status"] for row in all_of(client, "/v1/allocations")}


def broken(client: TestClient) -> dict[str, list[str]]:
    """The rules that each disturbed shard breaks, by workload and shard."""
    with client.app.state.context.store.reading() as session:  # type: ignore[attr-defined]
        rows = session.allocation.rows()
    assert all((row.decision.status == "disturbed") == (row.decision.disturbed is not None) for row in rows)
    assert all((row.disturbed_since is None) == (row.decision.disturbed is None) for row in rows)
    return {
        f"{row.decision.workload}/{row.decision.shard}": sorted(row.decision.disturbed["rules"])
        for row in rows
        if row.decision.disturbed is not None
    }


def cards(client: TestClient, key: str = "centre/card") -> tuple[int, int]:
    """Used and capacity of the cards of a node, everywhere alike, in thousandths."""
    node, _, kind = key.partition("/")
    uses = client.get("/v1/allocations/usage", params={"rule": "node_capacity", "node": node, "accelerator": kind}).json()[
        "items"
    ]
    [use] = [(use["used"], use["capacity"]) for use in uses] or [(0, 0)]
    capacity = client.get("/v1/capacity").json()
    accounts = capacity["accounts"]
    told = [
        (accounts["used"][row], accounts["capacity"][row])
        for row, place in enumerate(accounts["node"])
        if accounts["nodes"][place] == node
        and accounts["accelerator"][row] >= 0
        and accounts["accelerators"][accounts["accelerator"][row]] == kind
    ]
    assert told == ([use] if uses else [])
    return use


def told(client: TestClient, since: int, *types: str) -> list[tuple[str, dict[str, Any]]]:
    """What happened after an event, of these types."""
    page = client.get("/v1/events/log", params={"after": since, "types": ",".join(types)}).json()["items"]
    return [(event["type"], event["detail"]) for event in page]


def last_event(client: TestClient) -> int:
    newest: int = client.get("/v1/events/log").json()["last"]
    return newest


def metric(client: TestClient, line: str) -> float:
    """The value of a line of `/metrics`."""
    [found] = [row for row in client.get("/metrics").text.splitlines() if row.startswith(f"{line} ")]
    return float(found.rpartition(" ")[2])


def test_what_is_deleted_uses_nothing(client: TestClient) -> None:
    applied(client, world.CAMERAS, world.NIGHT_CAMERAS)
    assert cards(client) == (2000, 4000)
    cost = client.get("/v1/allocations/summary").json()["standing"]["cost_month"]
    assert client.delete("/v1/workloads/cameras").status_code == 204
    assert cards(client) == (1000, 4000)
    summary = client.get("/v1/allocations/summary").json()
    assert summary["standing"]["cost_month"] < cost
    assert [(row["status"], row["shards"]) for row in summary["now"]] == [("placed", 1)]
    [tier] = [use for use in summary["standing"]["use_by_tier"]
              if (use["group"], use["resource"]) == ("regional", "accelerators")]  # fmt: skip
    assert (tier["used"], tier["capacity"]) == (1000, 4000)
    assert metric(client, 'edgeplan_allocation_used_ratio{resource="accelerators",tier="regional"}') == 0.25
    assert summary["as_applied"]["cost_month"] == cost
    assert client.delete("/v1/workloads/night-cameras").status_code == 204
    assert cards(client) == (0, 4000)
    drawn = client.get("/v1/map/allocation").json()
    assert (drawn["shards"]["workload"], drawn["load"]["node"]) == ([], [])


def test_a_pool_below_its_use_is_over_and_disturbs_just_what_no_longer_fits(client: TestClient) -> None:
    fleets = [world.workload(f"fleet-{n}", value_month=50_000_000 + n, tiers=["regional"]) for n in range(4)]
    applied(client, *fleets)
    assert cards(client) == (4000, 4000)
    since = last_event(client)
    pools = [{"accelerator": "card", "count": 2, "price_month": 600_000}]
    assert client.patch("/v1/nodes/centre", json={"pools": pools}).status_code == 200
    assert cards(client) == (4000, 2000)
    assert broken(client) == {"fleet-0/0": ["node_capacity"], "fleet-1/0": ["node_capacity"]}
    summary = client.get("/v1/allocations/summary").json()
    assert summary["standing"]["tightest"][0]["used_permille"] == 2000
    assert summary["standing"]["broken"] == [{"rule": "node_capacity", "shards": 2}]
    assert summary["standing"]["unlawful_shards"] == 0
    assert metric(client, 'edgeplan_allocation_shards{status="disturbed"}') == 2
    assert metric(client, 'edgeplan_allocation_broken_shards{rule="node_capacity"}') == 2
    labels = '{resource="accelerators",rule="node_capacity",unit="card_milli"}'
    assert metric(client, f"edgeplan_allocation_overfull_accounts{labels}") == 1
    assert metric(client, f"edgeplan_allocation_used{labels}") == 4000
    assert told(client, since, "allocation") == [
        ("allocation.disturbed", {"shards": 2, "devices": 20, "workloads": ["fleet-0", "fleet-1"],
                                  "rules": {"node_capacity": 2}, "unlawful": 0})
    ]  # fmt: skip
    changes = client.get("/v1/allocations/changes").json()["items"][-2:]
    assert [(row["workload"], row["action"], row["to_node"]) for row in changes] == [
        ("fleet-0", "disturbed", "centre"), ("fleet-1", "disturbed", "centre")
    ]  # fmt: skip
    since = last_event(client)
    assert client.patch("/v1/nodes/centre", json={"pools": [{**pools[0], "count": 3}]}).status_code == 200
    assert broken(client) == {"fleet-0/0": ["node_capacity"]}
    assert told(client, since, "allocation") == [
        ("allocation.restored", {"shards": 1, "devices": 10, "workloads": ["fleet-1"]})
    ]  # fmt: skip
    assert client.delete("/v1/workloads/fleet-3").status_code == 204
    assert broken(client) == {}
    assert cards(client) == (3000, 3000)


def test_a_pool_that_is_gone_disturbs(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]))
    assert client.patch("/v1/nodes/centre", json={"pools": []}).status_code == 200
    assert broken(client) == {"cameras/0": ["accelerator"]}


def test_a_policy_that_is_tightened_makes_unlawful(client: TestClient) -> None:
    applied(client, world.CAMERAS)
    since = last_event(client)
    assert client.patch("/v1/policies/open", json={"countries": ["JP"]}).status_code == 200
    assert broken(client) == {"cameras/0": ["residency"]}
    assert client.get("/v1/allocations/summary").json()["standing"]["unlawful_shards"] == 1
    assert metric(client, "edgeplan_unlawful_shards") == 1
    [(kind, detail)] = told(client, since, "allocation")
    assert (kind, detail["rules"], detail["unlawful"]) == ("allocation.disturbed", {"residency": 1}, 1)
    since = last_event(client)
    assert client.put("/v1/policies", json={"policies": world.POLICIES}).status_code == 200
    assert broken(client) == {}
    assert [kind for kind, _ in told(client, since, "allocation")] == ["allocation.restored"]
    assert metric(client, "edgeplan_unlawful_shards") == 0


def test_a_fleet_that_grows_overfills_its_cell(client: TestClient) -> None:
    applied(client, world.CAMERAS, world.NIGHT_CAMERAS)
    # Ten cameras send 8 Mbit/s.
    assert client.patch("/v1/accesses/plant-wired", json={"uplink_kbps": 20_000}).status_code == 200
    assert broken(client) == {}
    assert client.patch("/v1/workloads/night-cameras", json={"devices": 20}).status_code == 200
    assert broken(client) == {"night-cameras/0": ["access_capacity"]}
    rows = {row["workload"]: row for row in all_of(client, "/v1/allocations")}
    assert (rows["cameras"]["devices"], rows["night-cameras"]["devices"]) == (10, 20)
    uses = client.get("/v1/allocations/usage", params={"rule": "access_capacity"}).json()["items"]
    assert max(use["used"] - use["capacity"] for use in uses) > 0
    assert client.patch("/v1/workloads/night-cameras", json={"devices": 10}).status_code == 200
    assert broken(client) == {}


def test_a_fleet_with_more_shards_has_some_that_run_nowhere_and_with_fewer_ends_them(client: TestClient) -> None:
    applied(client, world.workload("cameras", devices=20, shard_devices=10))
    assert client.patch("/v1/workloads/cameras", json={"devices": 30}).status_code == 200
    assert statuses(client) == {"cameras/0": "placed", "cameras/1": "placed", "cameras/2": "unplaced"}
    assert sum(row["devices"] for row in all_of(client, "/v1/allocations")) == 30
    assert client.patch("/v1/workloads/cameras", json={"devices": 10}).status_code == 200
    assert statuses(client) == {"cameras/0": "placed"}
    assert sum(cards(client, f"{node}/card")[0] for node in ("centre", "hub")) == 1000
    actions = [(row["shard"], row["action"]) for row in client.get("/v1/allocations/changes").json()["items"]]
    assert actions == [(0, "placed"), (1, "placed"), (2, "unplaced"), (1, "ended"), (2, "ended")]


def test_times_follow_the_network(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]))
    [before] = all_of(client, "/v1/allocations")
    assert client.patch("/v1/links/hub-centre", json={"latency_us": 3_000}).status_code == 200
    [after] = all_of(client, "/v1/allocations")
    assert before["latency"]["margin_us"] - after["latency"]["margin_us"] == 2 * 1_000
    assert (after["since_generation"], after["plan"]) == (before["since_generation"], before["plan"])
    assert client.patch("/v1/links/hub-centre", json={"latency_us": 40_000}).status_code == 200
    assert broken(client) == {"cameras/0": ["deadline"]}
    assert client.patch("/v1/links/hub-centre", json={"latency_us": 2_000, "jurisdictions": ["KR", "JP"]}).status_code == 200
    assert client.patch("/v1/policies/open", json={"transit": ["KR"]}).status_code == 200
    assert broken(client) == {"cameras/0": ["transit"]}


def test_states_of_nodes_are_one_case_of_it(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]), world.workload("doors", tiers=["mec"]))
    for state in ("drain", "fail"):
        assert client.post(f"/v1/nodes/centre/{state}").status_code == 200
        assert broken(client) == {"cameras/0": ["node_state"]}
        assert client.post("/v1/nodes/centre/activate").status_code == 200
        assert broken(client) == {}
    failed = [{**node, "state": "failed"} if node["id"] == "hub" else node for node in world.NODES]
    assert client.put("/v1/network", json={**world.NETWORK, "nodes": failed}).status_code == 200
    assert broken(client) == {"doors/0": ["node_state"]}
    since = last_event(client)
    assert client.put("/v1/network", json=world.NETWORK).status_code == 200
    [(_, detail)] = told(client, since, "node")
    assert detail == {"disturbed": 0, "restored": 1, "reason": None}


def test_a_node_that_takes_work_again_restores_only_what_is_as_promised(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]))
    assert client.post("/v1/nodes/centre/fail").status_code == 200
    assert client.patch("/v1/policies/open", json={"countries": ["JP"]}).status_code == 200
    assert broken(client) == {"cameras/0": ["node_state", "residency"]}
    since = last_event(client)
    assert client.post("/v1/nodes/centre/activate").status_code == 200
    assert broken(client) == {"cameras/0": ["residency"]}
    [(_, detail)] = told(client, since, "node", "allocation")
    assert detail == {"disturbed": 1, "restored": 0, "reason": None}


def test_what_changes_nothing_that_runs_disturbs_nothing(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]))
    allocation = client.get("/v1/generation").json()["allocation"]
    for path, body in (
        ("/v1/nodes/centre", {"name": "Centre 2"}),
        ("/v1/nodes/hub", {"vcpu": 1}),
        ("/v1/policies/open", {"description": "Anything goes."}),
        ("/v1/links/hub-centre", {"price_gbps_month": 7}),
    ):
        assert client.patch(path, json=body).status_code == 200
        assert client.get("/v1/generation").json()["allocation"] == allocation, path
    assert client.post("/v1/workloads", json=world.NIGHT_CAMERAS).status_code == 201
    assert client.get("/v1/generation").json()["allocation"] == allocation


def test_what_runs_keeps_its_ground(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]), world.workload("doors", tiers=["regional"]))
    spare = {**world.PROFILES[0], "id": "detector-spare"}
    elsewhere = {**world.NODES[0], "id": "elsewhere"}
    assert client.post("/v1/profiles", json=spare).status_code == 201
    assert client.post("/v1/nodes", json=elsewhere).status_code == 201
    before = client.get("/v1/generation").json()
    for answer in (
        client.delete("/v1/links/hub-centre"),
        client.delete("/v1/profiles/detector-card"),
        client.put("/v1/network", json={**world.NETWORK, "links": []}),
        client.put("/v1/network", json={**world.NETWORK, "nodes": world.NODES[:1], "links": []}),
        client.put("/v1/catalogue", json={**world.CATALOGUE, "profiles": [spare]}),
        client.patch("/v1/links/hub-centre", json={"source": "elsewhere"}),
        client.patch("/v1/accesses/plant-wired", json={"node": "elsewhere"}),
    ):
        problem = refused(answer, 409, "in_use")
        assert [fault["field"] for fault in problem["errors"]] == ["workloads[cameras]", "workloads[doors]"]
    assert client.get("/v1/generation").json() == before
    assert statuses(client) == {"cameras/0": "placed", "doors/0": "placed"}
    for path in ("/v1/profiles/detector-spare", "/v1/nodes/elsewhere"):
        assert client.delete(path).status_code == 204
    for workload in ("cameras", "doors"):
        assert client.delete(f"/v1/workloads/{workload}").status_code == 204
    assert client.delete("/v1/links/hub-centre").status_code == 204


def test_a_refusal_names_ten_workloads_that_are_in_the_way(client: TestClient) -> None:
    small = {**world.PROFILES[0], "slice_permille": 125, "memory_mib": 1_000}
    accelerator = {**world.ACCELERATORS[0], "max_slices": 8}
    assert client.put("/v1/catalogue", json={"accelerators": [accelerator], "profiles": [small]}).status_code == 200
    applied(client, *(world.workload(f"fleet-{n:02}", tiers=["regional"]) for n in range(12)))
    problem = refused(client.delete("/v1/links/hub-centre"), 409, "in_use")
    assert [fault["field"] for fault in problem["errors"]] == [f"workloads[fleet-{n:02}]" for n in range(10)]
    assert problem["detail"].startswith("12 shards")


def test_only_what_is_there_on_the_day_counts(client: TestClient) -> None:
    """A hall that is not built has no room, whatever is planned for it; what has no date is there if it is operational."""
    later = (today() + timedelta(days=400)).isoformat()
    for id, more in (
        ("planned", {"commitment": "under_construction", "available_from": later}),
        ("undated", {"commitment": "mou"}),
        ("opening", {"available_from": later}),
    ):
        node = {**world.NODES[1], "id": id, **more}
        assert client.post("/v1/nodes", json=node).status_code == 201
    plan = applied(client, world.CAMERAS, world.NIGHT_CAMERAS)

    def regional(uses: list[dict[str, Any]]) -> tuple[int, int, int]:
        [use] = [use for use in uses if (use["group"], use["resource"]) == ("regional", "accelerators")]
        return use["nodes"], use["used"], use["capacity"]

    summary = client.get("/v1/allocations/summary").json()
    for figures in (plan["result"]["summary"], summary["standing"], summary["as_applied"]):
        assert regional(figures["use_by_tier"]) == (1, 2000, 4000)
        assert {use["group"] for use in figures["use_by_province"]} == {"KR-26", "KR-50"}
    for params in ({}, {"plan": plan["id"]}):
        full = client.get("/v1/capacity", params=params).json()
        assert regional([group for group in full["groups"] if group["by"] == "tier"]) == (1, 2000, 4000)
        [kind] = [group for group in full["groups"] if group["by"] == "accelerator"]
        assert (kind["nodes"], kind["capacity"]) == (2, 6000)
        assert set(full["accounts"]["nodes"]) == {"centre", "hub"}
    terms = {"horizon": (today() + timedelta(days=500)).isoformat(), "lowest_commitment": "under_construction"}
    then = planned(client, world.CAMERAS, terms=terms)
    assert regional(then["result"]["summary"]["use_by_tier"])[0] == 3


def test_what_is_in_force_is_shown_on_the_day_asked_about(client: TestClient) -> None:
    """A hall opens and a certificate lapses: on that day there is more room, and what runs breaks a rule."""
    opens = today() + timedelta(days=30)
    hall = {**world.NODES[1], "id": "hall", "commitment": "under_construction", "available_from": opens.isoformat()}
    assert client.post("/v1/nodes", json=hall).status_code == 201
    safe = {"certifications": [{"name": "safe", "expires": (opens - timedelta(days=1)).isoformat()}]}
    assert client.patch("/v1/nodes/centre", json=safe).status_code == 200
    assert client.patch("/v1/policies/open", json={"certifications": ["safe"]}).status_code == 200
    applied(client, world.CAMERAS, terms={"horizon": today().isoformat(), "lowest_commitment": "under_construction"})
    doors = {"/v1/allocations/summary": {}, "/v1/allocations/usage": {}, "/v1/capacity": {}, "/v1/map/allocation": {}}
    now = {door: client.get(door) for door in doors}
    today_said = {door: client.get(door, params={"day": today().isoformat()}) for door in doors}
    then = {door: client.get(door, params={"day": opens.isoformat()}) for door in doors}
    for door in doors:
        assert today_said[door].json() == now[door].json()
        assert len({now[door].headers["etag"], then[door].headers["etag"]}) == 2
        unchanged = client.get(
            door, params={"day": opens.isoformat()}, headers={"If-None-Match": then[door].headers["etag"]}
        )
        assert unchanged.status_code == 304

    def room(answers: dict[str, Any]) -> list[int]:
        standing, full = answers["/v1/allocations/summary"].json()["standing"], answers["/v1/capacity"].json()
        uses = answers["/v1/allocations/usage"].json()["items"]
        kind = ("regional", "accelerators")
        return [
            *(use["capacity"] for use in standing["use_by_tier"] if (use["group"], use["resource"]) == kind),
            *(use["capacity"] for use in full["groups"] if (use["group"], use["resource"]) == kind),
            sum(use["capacity"] for use in uses if use["resource"] == "accelerators" and use["subject"]["node"] != "hub"),
        ]

    assert room(now) == [4000] * 3
    assert room(then) == [8000] * 3
    figures = then["/v1/allocations/summary"].json()["standing"]
    assert figures["day"] == opens.isoformat()
    assert figures["broken"] == [{"rule": "certification", "shards": 1}]
    assert figures["unlawful_shards"] == 1
    assert now["/v1/allocations/summary"].json()["standing"]["broken"] == []
    # What is polled is at hand still: asking about another day has not thrown it away.
    parts = client.app.state.context  # type: ignore[attr-defined]
    assert parts.cache.pictures.at_hand(standing.newest_version(parts.store)) is not None
    assert statuses(client) == {"cameras/0": "placed"}
    refused(client.get("/v1/capacity", params={"day": "tomorrow"}), 422, "invalid")
    plan = client.get("/v1/allocations/summary").json()["plan"]
    refused(client.get("/v1/capacity", params={"day": "2027-01-01", "plan": plan}), 422, "invalid")


def test_figures_of_a_past_world_are_only_told_as_such(client: TestClient) -> None:
    plan = applied(client, world.CAMERAS)
    before = client.get("/v1/allocations/summary").json()
    assert before["standing"]["cost_month"] == before["as_applied"]["cost_month"] == plan["result"]["cost"]
    assert before["standing"]["day"] == today().isoformat()
    pools = [{"accelerator": "card", "count": 4, "price_month": 900_000}]
    assert client.patch("/v1/nodes/centre", json={"pools": pools}).status_code == 200
    after = client.get("/v1/allocations/summary").json()
    assert after["as_applied"] == before["as_applied"]
    assert after["applied_generation"] == before["applied_generation"]
    assert after["standing"]["cost_month"] == before["standing"]["cost_month"] + 300_000
    assert metric(client, 'edgeplan_allocation_cost_month{currency="KRW"}') == after["standing"]["cost_month"]


def test_what_stays_disturbed_has_its_price_in_the_cost(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]))
    before = client.get("/v1/allocations/summary").json()["standing"]
    assert client.post("/v1/nodes/centre/drain").status_code == 200
    after = client.get("/v1/allocations/summary").json()["standing"]
    assert after["cost_month"] - before["cost_month"] == world.CAMERAS["value_month"] // 2
    assert after["cost_month"] == sum(goal["cost_month"] for goal in after["cost_by_goal"])


def test_what_a_request_costs_counts_who_has_no_room_among_all(client: TestClient) -> None:
    """Alone each fleet would fit; that both do not is part of what the one that must give way costs."""
    small = {**world.CAMERAS, "tiers": ["regional"]}
    large = {**small, "id": "large", "value_month": 2 * small["value_month"]}
    applied(client, small, large)
    pools = [{**world.NODES[1]["pools"][0], "count": 1}]
    assert client.patch("/v1/nodes/centre", json={"pools": pools}).status_code == 200
    assert statuses(client) == {"cameras/0": "disturbed", "large/0": "placed"}

    def price(*asked: dict[str, Any]) -> int:
        goals = planned(client, *asked)["result"]["request_cost_by_goal"]
        return sum(goal["cost_month"] for goal in goals if goal["goal"] == "disturbed")

    assert price(small) == price(small, large) == small["value_month"] // 2
    assert price(large) == 0


def test_a_day_that_passes_changes_what_is_in_force(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate lapses; nobody changes anything, and yet it is told, shown and sent again."""
    lapses = today() + timedelta(days=3)
    centre = {"certifications": [{"name": "safe", "expires": lapses.isoformat()}]}
    assert client.patch("/v1/nodes/centre", json=centre).status_code == 200
    assert client.patch("/v1/policies/open", json={"certifications": ["safe"]}).status_code == 200
    applied(client, world.CAMERAS, terms={"horizon": today().isoformat()})
    cache = client.app.state.context.cache  # type: ignore[attr-defined]
    assert not refresh(cache)
    tag = client.get("/v1/capacity").headers["etag"]
    generation = client.get("/v1/generation").json()["generation"]
    since = last_event(client)

    def on(day: date) -> bool:
        for told_by_day in (settling, standing):
            monkeypatch.setattr(told_by_day, "today", lambda: day)
        return refresh(cache)

    assert not on(lapses)
    assert client.get("/v1/generation").json()["generation"] == generation
    assert on(lapses + timedelta(days=1))
    assert broken(client) == {"cameras/0": ["certification"]}
    [(kind, detail)] = told(client, since, "allocation")
    assert (kind, detail["unlawful"]) == ("allocation.disturbed", 1)
    assert client.get("/v1/capacity", headers={"If-None-Match": tag}).status_code == 200
    assert on(lapses)
    assert broken(client) == {}


def test_the_picture_is_made_once_for_each_version(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    applied(client, world.CAMERAS)
    store, judge_pool = client.app.state.context.store, client.app.state.context.judge_pool  # type: ignore[attr-defined]
    asked: list[Standing] = []

    def elsewhere(day: date | None) -> Standing:
        asked.append(judge_pool.call(pictured, day))
        return asked[-1]

    pictures = Cache.of(store, elsewhere).pictures
    assert pictures.of() is pictures.of()
    assert client.patch("/v1/nodes/hub", json={"vcpu": 65}).status_code == 200
    newer = pictures.of()
    assert pictures.of() is newer
    assert len({one.version for one in asked}) == len(asked)
    assert newer == Cache.of(store).pictures.of()


def test_a_dashboard_that_has_looked_finds_the_next_picture_made(client: TestClient) -> None:
    applied(client, world.CAMERAS)
    parts = client.app.state.context  # type: ignore[attr-defined]
    assert client.get("/v1/allocations/summary").status_code == 200
    assert client.patch("/v1/nodes/hub", json={"vcpu": 65}).status_code == 200
    end = time.monotonic() + 60
    while parts.cache.pictures.at_hand(standing.newest_version(parts.store)) is None:
        assert time.monotonic() < end, "nobody has made it"
        time.sleep(0.05)


def test_what_nobody_looks_at_is_not_made(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    applied(client, world.CAMERAS)
    parts = client.app.state.context  # type: ignore[attr-defined]
    monkeypatch.setattr(maps, "LOOKED_SECONDS", -1.0)
    assert client.patch("/v1/nodes/hub", json={"vcpu": 65}).status_code == 200
    time.sleep(4 * maps.CHANGE_SECONDS)
    assert parts.cache.pictures.at_hand(standing.newest_version(parts.store)) is None


def test_costs_are_compared_over_the_same_workloads(client: TestClient) -> None:
    whole = applied(client, *world.WORKLOADS, world.workload("doors", tiers=["mec"]))
    part = planned(client, {**world.CAMERAS, "tiers": ["mec"]}, scope={"running": "keep"})
    found = compared(client, part["id"], "allocation")
    goals = {goal["goal"]: (goal["cost_month"], goal["other_cost_month"]) for goal in found["cost_by_goal"]}
    # `stop-button` has no place and is not spoken of by the part: what it costs is on neither side.
    assert found["same_workloads"] == 3
    assert goals["unplaced"] == (0, 0)
    assert found["cost"] - found["other_cost"] == sum(this - other for this, other in goals.values())
    assert 0 < found["cost"] - found["other_cost"] < 1_000_000
    assert found["request_cost"] == sum(goal["cost_month"] for goal in found["request_cost_by_goal"])
    assert 0 < found["request_cost"] < found["cost"]
    against = compared(client, part["id"], whole["id"])
    assert (against["same_workloads"], against["cost"]) == (3, found["cost"])
    assert against["other_cost"] == found["other_cost"]
    alone = planned(client, world.workload("third"))
    assert compared(client, alone["id"], whole["id"])["same_workloads"] == 3


def test_a_difference_of_terms_comes_first(client: TestClient) -> None:
    on = {**world.TERMS, "horizon": today().isoformat()}
    caps = [{"of": "owner", "permille": 1000, "name": "telco"}]
    first = applied(client, world.CAMERAS, terms={**on, "share_caps": caps, "weights": {"energy": 0}})
    same = planned(client, world.CAMERAS, terms=on)
    assert compared(client, same["id"], "allocation")["terms"] == []
    other = planned(client, world.CAMERAS, terms={**on, "share_caps": [], "weights": {"moves": 2000}})
    found = compared(client, other["id"], "allocation")
    assert list(found).index("terms") < list(found).index("cost")
    terms = {term["field"]: (term["this"], term["other"]) for term in found["terms"]}
    assert terms.keys() == {"share_caps", "weights.energy", "weights.moves"}
    assert terms["weights.energy"] == (1000, 0)
    assert (terms["share_caps"][0], len(terms["share_caps"][1])) == ([], 1)
    assert {term["field"] for term in compared(client, first["id"], other["id"])["terms"]} == terms.keys()


def test_the_day_of_what_is_in_force_is_today(client: TestClient) -> None:
    """Its costs are those of today, so a plan for today differs in no term, whatever day the other one was made for."""
    early = {**world.TERMS, "horizon": (today() - timedelta(days=9)).isoformat()}
    applied(client, world.CAMERAS, terms=early)
    same = planned(client, world.CAMERAS, terms={**world.TERMS, "horizon": today().isoformat()})
    assert compared(client, same["id"], "allocation")["terms"] == []
    later = planned(client, world.CAMERAS, terms={**world.TERMS, "horizon": "2127-01-01"})
    [term] = compared(client, later["id"], "allocation")["terms"]
    assert (term["field"], term["this"], term["other"]) == ("horizon", "2127-01-01", today().isoformat())


def test_a_comparison_tells_what_stays_disturbed_and_what_is_not_there(client: TestClient) -> None:
    applied(client, world.workload("cameras", tiers=["regional"]), world.workload("doors", tiers=["mec"]))
    assert client.post("/v1/nodes/centre/fail").status_code == 200
    plan = planned(client, world.workload("doors", tiers=["mec"]))
    found = compared(client, plan["id"], "allocation")
    assert (found["disturbed"], found["not_operating"], found["items"]) == (1, [], [])
    later = (today() + timedelta(days=30)).isoformat()
    assert client.post("/v1/nodes/centre/activate").status_code == 200
    assert client.post("/v1/nodes", json={**world.NODES[1], "id": "opening", "available_from": later}).status_code == 201
    pools = [{"accelerator": "card", "count": 1}]
    assert client.patch("/v1/nodes/opening", json={"pools": pools}).status_code == 200
    assert client.post("/v1/links", json={**world.LINKS[0], "id": "hub-opening", "target": "opening"}).status_code == 201
    terms = {"horizon": (today() + timedelta(days=60)).isoformat()}
    plan = planned(client, world.workload("third"), terms=terms)
    assert compared(client, plan["id"], "allocation")["not_operating"] == ["opening"]
