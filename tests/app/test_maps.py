"""What is drawn agrees with what is told in detail."""

from __future__ import annotations

import gzip
import threading
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.maps import prepare
from app.identity.caller import LOCAL
from app.jobs.judge_pool import JudgePool
from app.main import create_app
from app.schemas.accounts import account_in
from app.schemas.figures import permille
from app.schemas.maps import Capacity, NetworkMap, NodeAccounts, PlacementMap
from app.seed import load_reference
from app.service import maps
from app.service.maps import sovereignty
from app.settings import Settings
from app.store.records import UsageRow
from solver.rules.account import Account
from solver.rules.former import account_of
from tests.app import world
from tests.app.conftest import planned, refused


def rows_of(table: dict[str, Any], **words: list[Any]) -> list[dict[str, Any]]:
    """The rows of a table of columns; the columns in `words` hold places in these lists."""
    lengths = {len(column) for column in table.values()}
    assert len(lengths) == 1, "columns of one table are of one length"
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    return [
        {name: (words[name][value] if value >= 0 else None) if name in words else value for name, value in row.items()}
        for row in rows
    ]


def all_of(client: TestClient, path: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 1000}
    while True:
        page = client.get(path, params=params).json()
        items += page["items"]
        if page["next"] is None:
            return items
        params["cursor"] = page["next"]


def check_network_map(client: TestClient) -> None:
    """Hold the map to the collections."""
    found = client.get("/v1/map").json()
    NetworkMap.model_validate(found)
    countries, provinces = found["countries"], found["provinces"]
    nodes = rows_of(
        found["nodes"], tier=found["tiers"], state=found["states"], commitment=found["commitments"], province=provinces,
        owner=found["owners"], owner_country=countries, country=countries, sovereignty=found["sovereignties"],
    )  # fmt: skip
    wanted = all_of(client, "/v1/nodes")
    assert len(nodes) == len(wanted) > 0
    for node, body in zip(nodes, wanted, strict=True):
        for name in node.keys() - {"cards", "sovereignty", "province"}:
            assert node[name] == body[name], (body["id"], name)
        assert (node["province"] or "") == body["province"]
        cards = [[found["accelerators"][kind], count] for kind, count in node["cards"]]
        assert cards == [[pool["accelerator"], pool["count"]] for pool in body["pools"]]
    sites = rows_of(found["sites"], kind=found["kinds"], province=provinces)
    for site, body in zip(sites, all_of(client, "/v1/sites"), strict=True):
        assert site == {name: body[name] or (None if name == "kind" else body[name]) for name in site}
    ends = [node["id"] for node in nodes]
    links = rows_of(found["links"], source=ends, target=ends)
    for link, body in zip(links, all_of(client, "/v1/links"), strict=True):
        assert link == {name: body[name] for name in link}


def check_placement_map(found: dict[str, Any], decisions: list[dict[str, Any]], uses: list[dict[str, Any]]) -> None:
    """Hold a map of what runs where to the decisions and the accounts that it draws."""
    PlacementMap.model_validate(found)
    shards = rows_of(
        found["shards"], site=found["sites"], node=found["nodes"], previous_node=found["nodes"], model=found["models"],
        policy=found["policies"], profile=found["profiles"], status=found["statuses"],
    )  # fmt: skip
    told = {(row["workload"], row["shard"]): row for row in decisions}
    assert len(shards) == len(told) == len(decisions)
    for shard in shards:
        row = told[shard["workload"], shard["shard"]]
        for name in shard.keys() - {"servers", "margin_us", "deadline_us"}:
            assert shard[name] == row[name], name
        assert shard["servers"] == (row["servers"] or 0)
        assert shard["margin_us"] == (None if row["latency"] is None else row["latency"]["margin_us"])
        if row["latency"] is not None:
            assert shard["deadline_us"] == row["latency"]["deadline_us"]
    fullest: dict[str, int] = {}
    which: dict[str, set[str]] = {}
    for use in uses:
        if use["rule"] == "node_capacity" and use["used"] > 0:
            node = use["subject"]["node"]
            if use["used_permille"] > fullest.get(node, -1):
                which[node] = set()
            fullest[node] = max(use["used_permille"], fullest.get(node, -1))
            if use["used_permille"] == fullest[node]:
                which[node].add(use["resource"])
    load = rows_of(found["load"], node=found["nodes"], resource=found["resources"])
    assert {row["node"]: row["used_permille"] for row in load} == fullest
    assert all(row["resource"] in which[row["node"]] for row in load)
    for row in load:
        cards = [use for use in uses if use["resource"] == "accelerators" and use["subject"]["node"] == row["node"]]
        used, capacity = (sum(use[name] for use in cards) for name in ("used", "capacity"))
        assert row["cards_permille"] == (permille(used, capacity) if used or capacity else None)
    ways: dict[str, list[tuple[int, int, int]]] = {}
    for use in uses:
        if use["rule"] == "link_capacity" and use["used"] > 0:
            way = use["used_permille"], use["used"], use["capacity"]
            ways.setdefault(use["subject"]["link"], []).append(way)
    links = rows_of(found["link_load"])
    assert {row["id"] for row in links} == ways.keys()
    for row in links:
        told_way = row["used_permille"], row["used_kbps"], row["capacity_kbps"]
        assert told_way in ways[row["id"]]
        assert row["used_permille"] == max(way[0] for way in ways[row["id"]])


def check_capacity(
    found: dict[str, Any], summary: dict[str, Any], uses: list[dict[str, Any]], prices: list[dict[str, Any]]
) -> None:
    """Hold the capacity to the summary, the accounts and the prices."""
    Capacity.model_validate(found)
    for by in ("tier", "province"):
        groups = [{k: v for k, v in group.items() if k != "by"} for group in found["groups"] if group["by"] == by]
        assert groups == summary[f"use_by_{by}"]
    cards = {group["group"]: group for group in found["groups"] if group["by"] == "accelerator"}
    kinds = {use["subject"]["accelerator"] for use in uses if use["resource"] == "accelerators"}
    assert set(cards) == kinds
    for kind, group in cards.items():
        mine = [use for use in uses if use["resource"] == "accelerators" and use["subject"]["accelerator"] == kind]
        assert (group["nodes"], group["used"], group["capacity"]) == (
            len(mine),
            sum(use["used"] for use in mine),
            sum(use["capacity"] for use in mine),
        )
    told = {account_in(use): use for use in uses}
    priced = {account_in(price): price["price"] for price in prices}
    listed = {account_in(use): use for use in found["tightest"]}
    for key, use in listed.items():
        assert use == {**told[key], "price": priced.get(key)}
    assert priced.keys() & told.keys() <= listed.keys()
    shares = [use["used_permille"] for use in found["tightest"]]
    assert shares == sorted(shares, reverse=True)
    busy = sorted((use["used_permille"] for use in uses if use["used"] > 0), reverse=True)
    assert shares[: len(summary["tightest"])] == busy[: len(summary["tightest"])]
    accounts = dict(found["accounts"])
    nodes, resources, units, kinds_of = (accounts.pop(name) for name in ("nodes", "resources", "units", "accelerators"))
    unit = dict(zip(resources, units, strict=True))

    def key(row: dict[str, Any]) -> dict[str, Any]:
        return {name: row[name] for name in ("node", "accelerator") if row[name]}

    assert [
        (key(row), row["resource"], unit[row["resource"]], row["used"], row["capacity"])
        for row in rows_of(accounts, node=nodes, resource=resources, accelerator=kinds_of)
    ] == [
        (use["subject"], use["resource"], use["unit"], use["used"], use["capacity"])
        for use in uses
        if use["rule"] == "node_capacity"
    ]


def test_the_network_is_drawn_as_it_is(client: TestClient) -> None:
    assert client.post("/v1/accelerators", json={**world.ACCELERATORS[0], "id": "aged"}).status_code == 201
    leased = {
        "id": "leased", "tier": "onsite", "country": "KR", "owner": "Lessor", "owner_country": "US", "state": "draining",
        "commitment": "mou", "available_from": "2027-01-01", "name_ko": "임대", "province": "",
        "pools": [{"accelerator": "card", "count": 1}, {"accelerator": "aged", "count": 3}],
    }  # fmt: skip
    assert client.post("/v1/nodes", json=leased).status_code == 201
    assert client.post("/v1/sites", json={"id": "yard"}).status_code == 201
    check_network_map(client)


def test_whose_a_node_is() -> None:
    home: dict[str, Any] = {
        "country": "KR", "owner_country": "KR", "operator_country": "KR", "control_jurisdictions": ["KR"]
    }  # fmt: skip
    for changes, told in (
        ({}, "domestic"),
        ({"owner_country": "US", "operator_country": "US"}, "foreign_owned"),
        ({"owner_country": "US", "operator_country": None}, "foreign_owned"),
        ({"operator_country": "US", "control_jurisdictions": ["US"]}, "foreign_operated"),
        ({"control_jurisdictions": ["KR", "US"]}, "foreign_controlled"),
        ({"control_jurisdictions": ["KR", "US"], "operator_country": None}, "foreign_controlled"),
        ({"operator_country": None}, "unknown"),
        ({"control_jurisdictions": None}, "unknown"),
        ({"control_jurisdictions": []}, "unknown"),
    ):
        assert sovereignty(home | changes) == told, changes


def test_plans_and_the_allocation_are_drawn_as_they_are(client: TestClient) -> None:
    nothing = client.get("/v1/map/allocation").json()
    assert (nothing["plan"], nothing["shards"]["workload"], nothing["load"]["node"]) == (None, [], [])
    assert client.get("/v1/capacity").json() == {
        "generation": 0,
        "plan": None,
        "groups": [],
        "tightest": [],
        "accounts": {name: [] for name in NodeAccounts.model_fields},
    }
    plan = planned(client, *world.WORKLOADS)
    path = f"/v1/plans/{plan['id']}"
    decisions, uses = all_of(client, f"{path}/decisions"), all_of(client, f"{path}/usage")
    drawn = client.get(f"/v1/map/plans/{plan['id']}").json()
    assert (drawn["plan"], drawn["generation"]) == (plan["id"], plan["generation"])
    check_placement_map(drawn, decisions, uses)
    full = client.get("/v1/capacity", params={"plan": plan["id"]}).json()
    check_capacity(full, plan["result"]["summary"], uses, plan["result"]["prices"])

    assert client.post(f"{path}/apply").status_code == 200
    assert client.post("/v1/nodes/centre/drain").status_code == 200
    generation = client.get("/v1/generation").json()["allocation"]
    drawn = client.get("/v1/map/allocation").json()
    assert (drawn["plan"], drawn["generation"]) == (plan["id"], generation)
    assert {drawn["statuses"][status] for status in drawn["shards"]["status"]} == {"disturbed", "unplaced"}
    check_placement_map(drawn, all_of(client, "/v1/allocations"), all_of(client, "/v1/allocations/usage"))
    full = client.get("/v1/capacity").json()
    assert (full["plan"], full["generation"]) == (plan["id"], generation)
    summary = client.get("/v1/allocations/summary").json()["standing"]
    check_capacity(full, summary, all_of(client, "/v1/allocations/usage"), plan["result"]["prices"])


def test_what_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    plan = planned(client, *world.WORKLOADS)
    assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
    of_plan = [f"/v1/map/plans/{plan['id']}", f"/v1/capacity?plan={plan['id']}"]
    paths = ["/v1/map", "/v1/map/allocation", "/v1/capacity", *of_plan]
    tags = {path: client.get(path).headers["etag"] for path in paths}

    def unchanged() -> list[str]:
        return [path for path in paths if client.get(path, headers={"If-None-Match": tags[path]}).status_code == 304]

    assert unchanged() == paths
    assert client.patch("/v1/nodes/hub", json={"name": "Hub 2"}).status_code == 200
    # How full everything is rests on the network, whatever of it has changed.
    assert unchanged() == of_plan
    assert client.get("/v1/map").json()["nodes"]["name"] == ["Centre", "Hub 2"]
    assert client.post("/v1/nodes/centre/drain").status_code == 200
    assert unchanged() == of_plan
    # What a plan uses is judged anew when it is applied to a newer world; so it is another version of it.
    again = client.post(f"/v1/plans/{planned(client, world.CAMERAS)['id']}/apply")
    assert again.status_code == 200
    assert client.post(f"/v1/plans/{plan['id']}/apply", json={"on_stale": "reverify"}).status_code == 409
    assert client.post("/v1/nodes/centre/activate").status_code == 200
    assert client.post(f"/v1/plans/{plan['id']}/apply", json={"on_stale": "reverify"}).status_code == 200
    assert unchanged() == []


def test_another_process_changes_what_is_drawn(client: TestClient, settings: Settings) -> None:
    with TestClient(create_app(settings.model_copy(update={"run_jobs": False}))) as other:
        for _ in range(3):
            for one, two in ((client, other), (other, client)):
                tag = two.get("/v1/map").headers["etag"]
                state = "drain" if two.get("/v1/nodes/hub").json()["state"] == "active" else "activate"
                assert one.post(f"/v1/nodes/hub/{state}").status_code == 200
                answer = two.get("/v1/map", headers={"If-None-Match": tag})
                assert answer.status_code == 200
                assert answer.content == one.get("/v1/map").content


def test_maps_travel_compressed_to_whoever_takes_that(client: TestClient) -> None:
    zipped = client.get("/v1/map", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/v1/map", headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert zipped.content == plain.content
    assert int(zipped.headers["content-length"]) == len(gzip.compress(plain.content, 5, mtime=0))


def test_a_plan_without_decisions_is_not_drawn(client: TestClient) -> None:
    ghost = "00000000-0000-0000-0000-000000000000"
    refused(client.get(f"/v1/map/plans/{ghost}"), 404, "not_found")
    refused(client.get("/v1/capacity", params={"plan": ghost}), 404, "not_found")
    refused(client.get("/v1/capacity", params={"plan": "../x"}), 422, "invalid")
    client.app.state.context.supervisor.stop()  # type: ignore[attr-defined]
    waiting = client.post("/v1/plans", json=world.request(world.CAMERAS)).json()
    refused(client.get(f"/v1/map/plans/{waiting['id']}"), 409, "plan.not_ready")
    refused(client.get("/v1/capacity", params={"plan": waiting["id"]}), 409, "plan.not_ready")


def former(key: str, resource: str) -> Account:
    """An account of a node, or of its cards."""
    return account_of("node_capacity", key, resource, "u")


def test_a_node_is_as_full_as_its_fullest_resource(client: TestClient) -> None:
    plan = planned(client, world.CAMERAS)
    uses = [
        ("centre", "memory", 9, 10), ("centre", "power", 2, 10), ("centre/card", "accelerators", 1, 2),
        ("hub", "memory", 0, 10), ("hub", "vcpu", 0, 0), ("hub/card", "accelerators", 1, 2),
    ]  # fmt: skip
    with client.app.state.context.store.writing(LOCAL) as session:  # type: ignore[attr-defined]
        session.plans.put_usage(plan["id"], [UsageRow(former(key, what), *used) for key, what, *used in uses])
        session.plans.put_usage("another", [UsageRow(former("hub", "memory"), 10, 10)])
    drawn = client.get(f"/v1/map/plans/{plan['id']}").json()
    check_placement_map(
        drawn, all_of(client, f"/v1/plans/{plan['id']}/decisions"), all_of(client, f"/v1/plans/{plan['id']}/usage")
    )
    load = rows_of(drawn["load"], node=drawn["nodes"], resource=drawn["resources"])
    assert sorted((row["node"], row["resource"], row["used_permille"]) for row in load) == [
        ("centre", "memory", 900), ("hub", "accelerators", 500)
    ]  # fmt: skip
    assert {row["node"]: row["cards_permille"] for row in load} == {"centre": 500, "hub": 500}


def test_what_has_a_price_is_told_however_many_are_tighter(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "TIGHTEST", 1)
    plan = planned(client, *(world.workload(f"fleet-{number}", value_month=10_000_000 + number) for number in range(9)))
    _, full = maps.capacity_of_plan(client.app.state.context.store, plan["id"])  # type: ignore[attr-defined]
    told = {account_in(use): use["price"] for use in full["tightest"]}
    priced = {account_in(price): price["price"] for price in plan["result"]["prices"]}
    assert len(priced) > 1
    assert {key: price for key, price in told.items() if price is not None} == priced


def test_what_is_scarce_has_its_price(client: TestClient) -> None:
    """Nine fleets want six cards: one more card is worth what the cheapest fleet left out pays."""
    plan = planned(client, *(world.workload(f"fleet-{number}", value_month=10_000_000 + number) for number in range(9)))
    uses, prices = all_of(client, f"/v1/plans/{plan['id']}/usage"), plan["result"]["prices"]
    full = client.get("/v1/capacity", params={"plan": plan["id"]}).json()
    check_capacity(full, plan["result"]["summary"], uses, prices)
    named = {account_in(use) for use in uses}
    assert {account_in(price) for price in prices} <= named
    priced = {use["subject"]["node"]: use for use in full["tightest"] if use["price"] is not None}
    assert {"hub", "centre"} <= priced.keys()
    assert all(use["used_permille"] == 1000 for use in priced.values())


@pytest.mark.slow
def test_the_reference_network_is_drawn_as_it_is(empty: TestClient, settings: Settings) -> None:
    loaded = load_reference(empty.app.state.context.store, settings.reference_dir, 2.0)  # type: ignore[attr-defined]
    assert loaded is not None
    plan = f"/v1/plans/{loaded.plan}"
    while (told := empty.get(plan).json())["status"] in ("queued", "running"):
        time.sleep(0.2)
    assert told["status"] == "finished"
    check_network_map(empty)
    decisions, uses = all_of(empty, f"{plan}/decisions"), all_of(empty, f"{plan}/usage")
    check_placement_map(empty.get(f"/v1/map/plans/{loaded.plan}").json(), decisions, uses)
    result = told["result"]
    full = empty.get("/v1/capacity", params={"plan": loaded.plan}).json()
    check_capacity(full, result["summary"], uses, result["prices"])


def test_a_service_draws_the_map_before_it_is_asked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = threading.Event()
    real = JudgePool.call

    def counted(judge_pool: JudgePool, function: Any, *about: Any) -> Any:
        if maps.allocation_map not in about:
            return real(judge_pool, function, *about)
        assert not drawn.is_set(), "it is drawn once"
        try:
            return real(judge_pool, function, *about)
        finally:
            drawn.set()

    monkeypatch.setattr(JudgePool, "call", counted)
    with TestClient(create_app(settings)) as client:
        assert drawn.wait(60)
        assert client.get("/v1/map/allocation").status_code == 200


def test_what_is_drawn_first_is_made_where_there_is_a_network(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    read = JudgePool.read

    async def not_today(_: object) -> None:
        return None

    def noted(self: JudgePool, function: Any, make: Any, *about: Any) -> Any:
        made.append(make.__name__)
        return read(self, function, make, *about)

    monkeypatch.setattr(JudgePool, "read", noted)
    monkeypatch.setattr("app.api.maps.keep_days", not_today)
    monkeypatch.setattr("app.api.maps.keep_drawn", not_today)
    with TestClient(create_app(settings)) as client:
        context = client.app.state.context  # type: ignore[attr-defined]
        assert client.portal is not None
        client.portal.call(prepare, context)
        assert made == []
        assert client.put("/v1/catalogue", json=world.CATALOGUE).status_code == 200
        assert client.put("/v1/network", json=world.NETWORK).status_code == 200
        client.portal.call(prepare, context)
        assert made == ["network_map"]
