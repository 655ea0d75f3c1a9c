"""What applying a plan makes of what is in force: of what it was asked about, and of everything else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.errors import IllegalNow, NotOperating
from app.identity.caller import LOCAL
from app.schemas.documents import KINDS
from app.schemas.plans import Applied, PlanOut, PlanResult
from app.service.applying import apply_plan
from app.service.cache import Cache
from app.service.drafts import Draft
from app.service.entities import set_state
from app.service.solving import _Best
from app.service.worlds import Worlds
from app.store.port import Store
from app.store.records import AllocationRow, PlanRow
from app.store.sql import open_store
from solver.facts.network import NodeState
from tests.app import world
from tests.app.making import far, load, made, near

FLEET = world.workload("fleet", devices=20, shard_devices=10)
LATE = world.workload("late")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    load(opened)
    yield opened
    opened.close()


def rows(store: Store) -> dict[tuple[str, int], AllocationRow]:
    with store.reading() as session:
        return {(row.decision.workload, row.decision.shard): row for row in session.allocation.rows()}


def told(store: Store) -> list[tuple[int, str, int, str]]:
    with store.reading() as session:
        return [(c.generation, c.workload, c.shard, c.action) for c in session.allocation.changes(0, None, 1000)]


def applied(store: Store, plan: PlanRow, on_stale: Any = "refuse", **more: Any) -> Applied:
    return apply_plan(Cache.of(store), LOCAL, plan.id, on_stale, **more)


def result_of(plan: PlanRow) -> PlanResult:
    return PlanResult.model_validate(plan.result)


def run_fleet(store: Store) -> PlanRow:
    """Two shards of a fleet in the centre."""
    plan = made(store, world.request(FLEET), far("fleet", 0, 0), far("fleet", 1, 1))
    applied(store, plan)
    return plan


def test_what_a_plan_is_not_about_is_not_touched(store: Store) -> None:
    first = run_fleet(store)
    before = rows(store)
    outcome = applied(store, made(store, world.request(LATE), near("late")))
    after = rows(store)
    assert {shard: after[shard] for shard in before} == before
    assert before["fleet", 0].plan_id == first.id
    assert (outcome.placed, outcome.kept, outcome.moved, outcome.resized, outcome.ended) == (1, 2, 0, 0, 0)
    assert after["late", 0].decision.cards == [[0, 0]]
    assert [action for _, workload, _, action in told(store) if workload == "fleet"] == ["placed", "placed"]


def test_decisions_say_which_workloads_were_asked_about(store: Store) -> None:
    run_fleet(store)
    plan = made(store, world.request(LATE), near("late"))
    with store.reading() as session:
        asked = {row.decision.workload: row.decision.in_request for row in session.plans.decisions(plan.id, (), -1, None)}
    assert asked == {"fleet": False, "late": True}


def test_a_bystander_that_has_moved_since_is_judged_where_it_is(store: Store) -> None:
    run_fleet(store)
    plan = made(store, world.request(LATE), near("late", card=1))
    away = {"workload_ids": ["fleet"], "terms": world.TERMS}
    applied(store, made(store, away, near("fleet", 0, 0), far("fleet", 1, 1)))
    moved = rows(store)["fleet", 0]
    outcome = applied(store, plan, "reverify")
    assert (outcome.placed, outcome.kept, outcome.moved, outcome.reverified) == (1, 2, 0, True)
    assert rows(store)["fleet", 0] == moved
    assert moved.decision.node == "hub"


def test_a_plan_gets_other_cards_where_its_own_are_taken_by_now(store: Store) -> None:
    one = made(store, world.request(world.workload("one")), near("one", card=0))
    other = made(store, world.request(world.workload("other")), near("other", card=0))
    third = made(store, world.request(world.workload("third")), near("third", card=0))
    applied(store, one)
    applied(store, other, "reverify")
    assert [rows(store)[name, 0].decision.cards for name in ("one", "other")] == [[[0, 0]], [[1, 0]]]
    with pytest.raises(IllegalNow) as refused:
        applied(store, third, "reverify")
    assert "node_capacity" in {fault.expected for fault in refused.value.faults}


def test_a_change_of_servers_or_cards_is_told_as_resized(store: Store) -> None:
    run_fleet(store)
    ask = {"workload_ids": ["fleet"], "terms": world.TERMS}
    plan = made(store, ask, far("fleet", 0, 0, servers=2, cards=[[0, 0], [2, 0]]), far("fleet", 1, 3))
    assert result_of(plan).moved_shards == 2
    outcome = applied(store, plan)
    assert (outcome.resized, outcome.moved, outcome.kept) == (2, 0, 0)
    assert [action for *_, action in told(store)][-2:] == ["resized", "resized"]
    again = made(store, ask, far("fleet", 0, 0, servers=2, cards=[[0, 0], [2, 0]]), near("fleet", 1))
    assert result_of(again).moved_shards == 1
    assert (applied(store, again).moved, len(told(store))) == (1, 5)


def test_shards_beyond_the_end_are_ended_by_the_request(store: Store) -> None:
    run_fleet(store)
    plan = made(store, world.request({**FLEET, "devices": 10}), far("fleet", 0, 0))
    outcome = applied(store, plan)
    assert (outcome.ended, outcome.kept) == (1, 1)
    assert set(rows(store)) == {("fleet", 0)}
    assert told(store)[-1][1:] == ("fleet", 1, "ended")


def test_what_is_unplaced_of_a_smaller_workload_is_forgotten(store: Store) -> None:
    applied(store, made(store, world.request(FLEET), far("fleet", 0, 0)))
    assert rows(store)["fleet", 1].decision.node is None
    applied(store, made(store, world.request({**FLEET, "devices": 10}), far("fleet", 0, 0)))
    assert set(rows(store)) == {("fleet", 0)}


def not_built(store: Store) -> None:
    """The centre is under construction and opens in 2100."""
    centre = {**world.NODES[1], "commitment": "under_construction", "available_from": "2100-01-01"}
    load(store, nodes=[world.NODES[0], centre])


def test_nothing_goes_live_on_a_node_that_does_not_operate_unless_told_to(store: Store) -> None:
    not_built(store)
    terms = {"horizon": "2100-02-01", "lowest_commitment": "under_construction"}
    plan = made(store, {**world.request(LATE), "terms": terms}, far("late"))
    assert result_of(plan).not_operating == ("centre",)
    with pytest.raises(NotOperating) as refused:
        applied(store, plan)
    assert [fault.field for fault in refused.value.faults] == ["nodes[centre]"]
    assert rows(store) == {}
    outcome = applied(store, plan, allow_not_operating=True)
    assert (outcome.placed, outcome.disturbed) == (1, 1)
    row = rows(store)["late", 0]
    assert (row.decision.status, row.disturbed_since) == ("disturbed", outcome.generation)
    assert row.decision.disturbed is not None
    assert row.decision.disturbed["rules"] == ["commitment"]


def test_what_already_runs_on_such_a_node_stands_in_nobodys_way(store: Store) -> None:
    run_fleet(store)
    not_built(store)
    plan = made(store, world.request(LATE), near("late"))
    assert result_of(plan).not_operating == ()
    assert (applied(store, plan).placed, rows(store)["fleet", 0].decision.node) == (1, "centre")


def test_a_disturbed_shard_is_told_with_its_rule_and_since_when(store: Store) -> None:
    run_fleet(store)
    set_state(Cache.of(store), LOCAL, "centre", NodeState.DRAINING, None, lambda generation: True)
    outcome = applied(store, made(store, world.request(LATE), near("late")))
    assert outcome.disturbed == 2
    row = rows(store)["fleet", 0]
    assert row.decision.status == "disturbed"
    assert row.decision.disturbed is not None
    assert (row.decision.disturbed["rules"], row.decision.disturbed["unlawful"]) == (["node_state"], False)
    since = row.disturbed_since
    assert since is not None
    repaired = made(
        store, {"workload_ids": [], "terms": world.TERMS, "scope": {"running": "repair"}},
        near("fleet", 0, 1), far("fleet", 1, 1),
    )  # fmt: skip
    assert result_of(repaired).disturbed_shards == 1
    outcome = applied(store, repaired)
    assert (outcome.moved, outcome.kept, outcome.disturbed) == (1, 2, 1)
    after = rows(store)
    assert (after["fleet", 0].decision.status, after["fleet", 0].disturbed_since) == ("placed", None)
    assert (after["fleet", 1].decision.status, after["fleet", 1].disturbed_since) == ("disturbed", since)


def test_the_terms_of_a_plan_stay_in_force_until_they_are_changed(store: Store) -> None:
    caps = [{"of": "owner", "permille": 1000}]
    first = {**world.request(FLEET), "terms": {"horizon": "2026-12-01", "share_caps": caps, "weights": {"moves": 3}}}
    applied(store, made(store, first, far("fleet", 0, 0), far("fleet", 1, 1)))
    plan = made(store, {**world.request(LATE), "terms": {"horizon": "2027-01-01"}}, near("late"))
    terms = result_of(plan).effective_terms
    assert terms is not None
    assert terms.model_dump(mode="json", exclude_defaults=True) == {
        "horizon": "2027-01-01", "lowest_commitment": "operational", "weights": {"moves": 3}, "share_caps": caps
    }  # fmt: skip
    applied(store, plan)
    in_force = Worlds(store).newest().terms_in_force
    assert in_force == terms
    dropped = {**world.request(world.workload("last")), "terms": {"horizon": "2027-01-01", "share_caps": []}}
    applied(store, made(store, dropped))
    in_force = Worlds(store).newest().terms_in_force
    assert in_force is not None
    assert in_force.share_caps == ()
    assert in_force.weights == terms.weights


def test_a_plan_shows_the_terms_that_it_is_made_on(store: Store) -> None:
    plan = made(store, world.request(LATE), near("late"))
    shown = PlanOut.of(plan, None).terms
    assert (shown.lowest_commitment, shown.share_caps) == ("operational", ())
    assert PlanOut.of(replace(plan, generation=None), None).terms.share_caps is None


def test_the_cost_of_a_request_is_that_of_its_own_workloads(store: Store) -> None:
    run_fleet(store)
    alone = result_of(made(store, world.request(LATE), near("late")))
    assert (alone.request_cost, alone.cost) == (900_000, 900_000 + 2 * 600_000)
    assert {goal.goal: goal.cost_month for goal in alone.request_cost_by_goal if goal.cost_month} == {
        "accelerators": 900_000
    }
    unplaced = result_of(made(store, world.request(LATE)))
    assert (unplaced.request_cost, unplaced.unplaced_shards) == (50_000_000, 1)
    moving = {"workload_ids": ["fleet"], "terms": world.TERMS}
    moved = result_of(made(store, moving, near("fleet", 0, 0), far("fleet", 1, 1)))
    assert moved.request_cost == moved.cost == 900_000 + 600_000 + 50_000


def test_rows_of_an_older_version_are_given_cards_once(store: Store) -> None:
    """Their cards are not known: they are numbered when they are read, and what is applied next keeps the numbers."""
    run_fleet(store)
    with store.writing(LOCAL) as session:
        old = [
            replace(row, decision=replace(row.decision, cards=[], batch_limit=0)) for row in session.allocation.rows("fleet")
        ]
        session.allocation.remove([row.key for row in old])
        session.allocation.put(old)
        session.generations.advance(["allocation"])
    applied(store, made(store, world.request(LATE), far("late", 0, 2)))
    after = rows(store)
    assert [after["fleet", shard].decision.cards for shard in (0, 1)] == [[[0, 0]], [[1, 0]]]
    assert after["fleet", 0] == replace(old[0], decision=replace(old[0].decision, cards=[[0, 0]]))
    applied(store, made(store, world.request({**FLEET, "devices": 10}), far("fleet", 0, 0)))
    assert Worlds(store).newest().in_force()["fleet"][0].cards == ((0, 0),)


def test_a_stored_workload_stays_movable_or_not_as_it_was_given(store: Store) -> None:
    applied(store, made(store, world.request(world.workload("locked", movable=False)), near("locked")))
    with store.reading() as session:
        [body] = session.entities.bodies("workloads", ["locked"])
    assert KINDS["workloads"].model_validate(body) == KINDS["workloads"].model_validate(
        world.workload("locked", movable=False)
    )


def test_what_was_shown_is_never_followed_by_something_worse(store: Store) -> None:
    shown: list[int] = []
    best = _Best([lambda _, draft: shown.append(draft.result.cost)], None)
    good, bad = draft(store, 100), draft(store, 200)
    for one in (draft(store, 150), bad, good, draft(store, 120)):
        best.offer(one)
    assert shown == [150, 100]
    assert best.over(draft(store, 90)).result.cost == 90
    kept = best.over(Draft(1, [], [], bad.result.model_copy(update={"bound": 80})))
    assert (kept.result.cost, kept.result.bound, kept.result.gap) == (100, 80, 0.2)


def draft(store: Store, cost: int) -> Draft:
    """A draft of a plan that costs so much."""
    figures: dict[str, Any] = {
        "status": "feasible", "cost": cost, "bound": 0, "bounded": False, "gap": 1.0, "cost_by_goal": (), "placed_shards": 0,
        "unplaced_shards": 0, "seconds": 1.0, "first_seconds": 0.5, "bound_seconds": 0.5, "prices": (), "summary": None,
    }  # fmt: skip
    return Draft(1, [], [], PlanResult.model_construct(**figures))
