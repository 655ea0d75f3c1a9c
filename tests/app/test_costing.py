"""What a plan costs by site, each won once, and what one more card would save."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.errors import NotFound
from app.identity.caller import LOCAL
from app.schemas.accounts import account_in
from app.schemas.requests import PlanRequest
from app.service.cache import Cache
from app.service.costing import by_site, card_savings, site_costs
from app.service.drafts import PRICED, PRICED_CARDS, draft_of
from app.service.judging import explain_workload
from app.service.plans import delete
from app.service.worlds import Worlds
from app.store.sql import open_store
from app.world.named import numbered
from app.world.question import question
from solver import Limits, Plan, Problem, Result, ShadowPrice, place, verify
from solver.facts.network import Access
from solver.rules.former import account_of
from tests.app import world
from tests.app.conftest import planned, refused
from tests.app.making import far, load, made
from tests.bench.problems import load_problem
from tests.plans import plan_of
from tests.solver.exhaustive import choices
from tests.solver.worlds import THEMES
from tests.solver.worlds import world as troubled
from tests.world import CAMERA, FIVE_G, ROBOT, WIRE
from tests.world import world as tiny

REFERENCE = Path(__file__).parents[2] / "data" / "reference"

#: A second site, with the same fleets as the first.
YARD = Access("yard-wire", "yard", "edge", "wired", 300, 400, 10_000_000, 10_000_000)


def parts_of(problem: Problem, plan: Plan) -> int:
    return sum(sum(costs.values()) for costs in by_site(problem, plan).values())


def test_each_site_pays_for_its_own_and_for_nothing_else() -> None:
    """By hand: a camera of the plant on the core's card, a robot of the yard nowhere."""
    problem = tiny(workloads=(CAMERA, replace(ROBOT, access="yard-wire", policy="open")), accesses=(WIRE, FIVE_G, YARD))
    found = by_site(problem, plan_of(problem, ("camera", 0, "core", "detect/l4", 1)))
    assert found["yard"] == {**dict.fromkeys(found["yard"], 0), "unplaced": ROBOT.value_month}
    # The card, 2 vCPUs, 4 GiB; 72 W at a PUE of 1.2 for 730 hours.
    assert found["plant"]["accelerators"] == 500_000 + 2 * 12_000 + 4 * 3_000
    assert found["plant"]["energy"] == -(-72 * 1_200 * 730 * 180 // 10**6)
    assert found["plant"]["unplaced"] == 0


@pytest.mark.parametrize("theme", ["", *THEMES])
@pytest.mark.parametrize("seed", range(15))
def test_the_sites_add_up_to_the_cost_of_any_plan(seed: int, theme: str) -> None:
    """Whatever is moved, disturbed, unplaced or against a rule, over two sites."""
    problem, rng = troubled(seed, theme), Random(seed)
    options = choices(problem)
    picked = [rng.choice([*rows, -1]) for rows in options.rows]
    plan = options.plan.rows([row for row in (*options.fixed, *picked) if row >= 0])  # type: ignore[arg-type]
    assert parts_of(problem, plan) == verify(problem, plan).cost > 0


@pytest.mark.slow
def test_the_sites_add_up_to_the_cost_of_the_reference() -> None:
    problem = load_problem(REFERENCE)
    result = place(problem, Limits(seconds=2, workers=1))
    assert parts_of(problem, result.plan) == result.verdict.cost


def sites_of(client: TestClient, plan: str) -> dict[str, Any]:
    answer = client.get(f"/v1/plans/{plan}/sites")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    items = told["items"]
    assert told["cost"] == told["placed_month"] + told["unplaced_month"] + told["common_month"]
    for name in ("placed_month", "unplaced_month"):
        assert told[name] == sum(item[name] for item in items)
    for item in items:
        assert sum(goal["cost_month"] for goal in item["cost_by_goal"]) == (item["placed_month"] + item["unplaced_month"])
    return told


def test_a_plan_tells_what_its_sites_cost(client: TestClient) -> None:
    client.post("/v1/sites", json={"id": "yard", "kind": "port", "name": "Yard"})
    wire = {**world.ACCESSES[0], "id": "yard-wired", "site": "yard"}
    assert client.post("/v1/accesses", json=wire).status_code == 201
    first = planned(client, world.CAMERAS, world.workload("yard-cameras", access="yard-wired"), world.STOP_BUTTON)
    told = sites_of(client, first["id"])
    assert (told["cost"], told["common_month"]) == (first["result"]["cost"], 0)
    plant, yard = told["items"]
    assert (plant["site"], plant["workloads"], plant["placed_shards"], plant["unplaced_shards"]) == ("plant", 2, 1, 1)
    assert plant["unplaced_month"] == world.STOP_BUTTON["value_month"]
    assert (yard["site"], yard["unplaced_month"]) == ("yard", 0)
    # What runs and was not asked about costs as before, and what puts back what ran adds up as well.
    assert client.post(f"/v1/plans/{first['id']}/apply").status_code == 200
    second = planned(client, world.NIGHT_CAMERAS)
    told = sites_of(client, second["id"])
    assert (told["cost"], told["common_month"]) == (second["result"]["cost"], 0)
    assert client.post(f"/v1/plans/{second['id']}/apply").status_code == 200
    undone = client.post("/v1/allocations/history/latest/restore", json={"moment": "before"}).json()
    told = sites_of(client, undone["id"])
    assert (told["cost"], told["common_month"]) == (undone["result"]["cost"], 0)


def test_who_is_not_there_costs_nothing(client: TestClient) -> None:
    for what in ("sites", "card-savings"):
        refused(client.get(f"/v1/plans/00000000-0000-4000-8000-000000000000/{what}"), 404, "not_found")


def test_who_is_forgotten_after_being_told_of_is_told_of_no_more(store_url: str) -> None:
    with closing(open_store(store_url)) as store:
        load(store)
        cache = Cache.of(store)
        plan = made(store, world.request(world.CAMERAS), far("cameras")).id
        assert site_costs(cache, plan).plan == plan
        delete(store, LOCAL, plan)
        with pytest.raises(NotFound):
            site_costs(cache, plan)
        with pytest.raises(NotFound):
            card_savings(cache, plan)
        with pytest.raises(NotFound):
            explain_workload(cache, plan, "cameras", 5)


def test_one_more_card_saves_as_much_as_its_price_says(client: TestClient) -> None:
    """Three fleets, of which two fit the hub's cards and none may go to the centre."""
    fleets = [world.workload(name, tiers=["mec"]) for name in ("one", "two", "three")]
    plan = planned(client, *fleets)
    told = client.get(f"/v1/plans/{plan['id']}/card-savings").json()
    assert (told["plan"], told["bounded"]) == (plan["id"], True)
    assert told["gap_month"] == plan["result"]["cost"] - plan["result"]["bound"]
    [card] = told["items"]
    assert (card["node"], card["accelerator"], card["owner"], card["cards"]) == ("hub", "card", "telco", 2)
    assert card["used_permille"] == 1000
    assert card["card_month"] == 900_000
    assert card["before_price_month"] == card["net_month"] + card["card_month"]
    # With a third card the third fleet runs: its value is saved, and its card is paid for.
    more = {"nodes": [{"id": "hub", "pools": [{"accelerator": "card", "count": 3, "price_month": 900_000}]}]}
    asked = planned(client, *fleets, what_if=more)
    saved = plan["result"]["cost"] - asked["result"]["cost"]
    assert saved == pytest.approx(50_000_000 - 900_000, rel=0.05)
    assert 0 < card["net_month"] <= saved


def test_a_card_that_costs_nothing_is_left_out(client: TestClient) -> None:
    assert client.patch("/v1/nodes/hub", json={"pools": [{"accelerator": "card", "count": 2}]}).status_code == 200
    plan = planned(client, *(world.workload(name, tiers=["mec"]) for name in ("one", "two", "three")))
    assert client.get(f"/v1/plans/{plan['id']}/card-savings").json()["items"] == []


def test_cards_cost_what_they_did_in_the_question(client: TestClient) -> None:
    """What a plan supposes, and not what the store says before or after it."""
    fleets = [world.workload(name, tiers=["mec"]) for name in ("one", "two", "three")]
    dear = {"nodes": [{"id": "hub", "pools": [{"accelerator": "card", "count": 1, "price_month": 1_200_000}]}]}
    supposed, asked = planned(client, *fleets, what_if=dear), planned(client, *fleets)
    cheap = [{"accelerator": "card", "count": 4, "price_month": 10_000}]
    assert client.patch("/v1/nodes/hub", json={"pools": cheap}).status_code == 200

    def cards(plan: dict[str, Any]) -> list[tuple[int, int]]:
        told = client.get(f"/v1/plans/{plan['id']}/card-savings").json()
        return [(card["cards"], card["card_month"]) for card in told["items"]]

    assert (cards(supposed), cards(asked)) == ([(1, 1_200_000)], [(2, 900_000)])


def test_cards_keep_their_prices_beside_dearer_places(store_url: str) -> None:
    """A thousandth of a card is cheap beside a whole place; it is not told of the fewer for that."""
    with closing(open_store(store_url)) as store:
        load(store)
        request = PlanRequest.model_validate(world.request(world.CAMERAS))
        posed = question(Worlds(store).newest(), request)
        plan = numbered(posed.problem, [])
        verdict = verify(posed.problem, plan)
        places = [ShadowPrice(account_of("anti_affinity", f"g in node n{i}", "node"), 1e6 - i) for i in range(PRICED + 9)]
        cards = [
            ShadowPrice(account_of("node_capacity", f"n{i}/card", "accelerators"), 900.0 - i)
            for i in range(PRICED_CARDS + 9)
        ]
        result = Result(plan, verdict, "feasible", verdict.cost, 0, 0.1, 0.1, 0.1, (*places, *cards), None)
        told = draft_of(posed, result, verdict, {}, None).result.prices
    assert [account_in(price.model_dump()) for price in told] == [
        one.account for one in (*places[:PRICED], *cards[:PRICED_CARDS])
    ]
