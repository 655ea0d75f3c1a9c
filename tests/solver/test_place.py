"""The main road, end to end, on worlds small enough to know the answer."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib import import_module
from itertools import count
from typing import Any

import numpy as np
import pytest

from solver import Limits, Plan, Problem, Progress, Result, UnverifiedPlan, Verdict, engines, place, verify
from solver.facts.network import Pool
from solver.facts.workloads import Pin
from solver.packing import Packing
from solver.params import DEFAULTS, ColumnParams, SolveParams
from tests.solver.random_problems import LAZY, random_problem
from tests.world import CAMERA, CONTROL, CORE, EDGE, ROBOT, world

QUICK = Limits(seconds=20, workers=1)
#: There is never time for the engines.
ALONE = SolveParams(columns=ColumnParams(list_all=-1, engine_lists=1e9))


def test_the_tiny_world_is_placed_at_its_optimum() -> None:
    result = place(world(), QUICK)
    assert result.verdict.ok
    assert result.status == "optimal"
    assert result.gap == 0
    assert result.cost == result.bound == result.verdict.cost
    assert not result.verdict.unplaced


def test_what_cannot_be_placed_is_left_out_at_its_value() -> None:
    problem = world(workloads=(CAMERA, replace(ROBOT, pin=Pin.DEVICE), CONTROL))
    result = place(problem, QUICK)
    assert result.status == "optimal"
    assert result.verdict.unplaced == ((1, 0),)
    assert result.verdict.cost_by_goal["unplaced"] == ROBOT.value_month


def test_when_room_is_short_the_least_value_is_left_out() -> None:
    node = replace(EDGE, pools=(Pool("l4", 2, 900_000),))
    robots = tuple(replace(ROBOT, id=f"r{i}", value_month=(60 + i) * 10**6) for i in range(3))
    result = place(world(nodes=(node, replace(CORE, pools=(Pool("h100", 1, 3_000_000),))), workloads=robots), QUICK)
    assert result.status == "optimal"
    assert result.verdict.unplaced == ((0, 0),)


def test_the_time_of_each_phase_is_told_without_those_left_out() -> None:
    took = place(world(), QUICK, params=SolveParams(without=frozenset({"search"}))).phase_seconds
    assert {"first", "prices"} <= set(took)
    assert "search" not in took


def test_nothing_to_place_is_an_answer_too() -> None:
    result = place(world(workloads=()), QUICK)
    assert (result.cost, result.bound, len(result.plan)) == (0, 0, 0)


def test_a_network_without_links_serves_its_own_entry() -> None:
    result = place(world(links=(), workloads=(CAMERA,)), QUICK)
    assert result.plan.node.tolist() == [0]


def test_progress_never_claims_a_bound_above_the_optimum() -> None:
    told: list[Progress] = []
    result = place(world(), QUICK, on_progress=told.append)
    assert told
    assert all(step.bound <= result.cost <= step.cost for step in told)


@pytest.mark.parametrize("complete", [True, False])
def test_the_result_says_how_long_each_phase_took(complete: bool) -> None:
    result = place(random_problem(3), QUICK, params=DEFAULTS if complete else LAZY)
    phases = list(result.phase_seconds)
    assert (phases[0], phases[-1]) == ("options", "verifying")
    assert "first" in phases
    assert ({"greedy", "first list", "ascent", "pricing", "listing"} <= set(phases)) is not complete
    assert all(seconds >= 0 for seconds in result.phase_seconds.values())
    assert sum(result.phase_seconds.values()) <= result.seconds


def test_a_stop_at_once_still_gives_a_verified_plan() -> None:
    asked = count()
    result = place(world(), Limits(seconds=60, workers=1), should_stop=lambda: next(asked) >= 0)
    assert result.verdict.ok
    assert result.bound <= result.cost


def looked_at(monkeypatch: pytest.MonkeyPatch, seen: list[Any]) -> None:
    """Have the engines wait until somebody has seen their plan."""
    real = engines.solve

    def patient(*args: Any, **named: Any) -> engines.Solution:
        solution = real(*args, **named)
        args[-1](solution)
        until = time.monotonic() + 20
        while not seen and time.monotonic() < until:
            time.sleep(0.01)
        return solution

    monkeypatch.setattr(engines, "solve", patient)


@pytest.mark.parametrize("complete", [True, False])
def test_plans_told_of_on_the_way_are_verified(complete: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    params = DEFAULTS if complete else SolveParams(columns=ColumnParams(list_all=0))
    problem = random_problem(3)
    told: list[Result] = []
    looked_at(monkeypatch, told)
    result = place(problem, QUICK, on_plan=told.append, params=params)
    assert told
    for one in told:
        verdict = verify(problem, one.plan)
        assert verdict.ok
        assert verdict.cost == one.cost
        assert one.bound <= result.cost <= one.cost
        assert one.seconds <= result.seconds
    assert [one.cost for one in told] == sorted((one.cost for one in told), reverse=True)


def test_a_plan_that_the_verifier_refuses_is_not_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Result] = []
    looks: list[Verdict] = []

    def refusing(problem: Problem, plan: Plan) -> Verdict:
        verdict = verify(problem, plan)
        looks.append(replace(verdict, cost_by_goal={**verdict.cost_by_goal, "nothing": 1}))
        return looks[-1]

    monkeypatch.setattr(import_module("solver.place"), "verify", refusing)
    looked_at(monkeypatch, looks)
    with pytest.raises(UnverifiedPlan):
        place(world(), QUICK, on_plan=told.append)
    assert len(looks) == 2
    assert not told


@pytest.mark.parametrize("seed", range(40))
def test_lazily_listed_options_lead_to_plans_between_bound_and_optimum(seed: int) -> None:
    problem = random_problem(seed)
    whole = place(problem, QUICK)
    assert whole.status == "optimal"
    lazy = place(problem, Limits(seconds=1, workers=1), params=LAZY)
    assert lazy.bound <= whole.cost <= lazy.cost
    assert lazy.verdict.ok


@pytest.mark.parametrize("seed", range(20))
def test_without_time_for_the_engines_the_plan_at_hand_is_the_answer(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_problem(seed)
    optimum = place(problem, QUICK).cost
    monkeypatch.setattr(engines, "solve", None)
    told: list[Progress] = []
    result = place(problem, QUICK, on_progress=told.append, params=ALONE)
    assert result.verdict.ok
    assert result.bound <= optimum <= result.cost
    assert told[-1].cost == result.cost
    assert result.memory is not None
    assert place(problem, QUICK, before=result.memory, params=ALONE).cost <= result.cost


@pytest.mark.parametrize("seed", range(20))
def test_what_was_at_hand_is_kept_when_the_engines_find_nothing_as_good(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_problem(seed)

    def nothing(packing: Packing, *_: Any, **__: Any) -> engines.Solution:
        none = np.zeros(0, np.int64)
        cost, copies = int(packing.item_penalty @ packing.item_count), int(packing.item_count.sum())
        prices = engines.Prices.zero(packing.rows)
        return engines.Solution(none, none, none, cost, 0, "feasible", copies, 0.0, 0.0, prices)

    alone = place(problem, QUICK, params=ALONE)
    monkeypatch.setattr(engines, "solve", nothing)
    result = place(problem, QUICK, params=SolveParams(columns=ColumnParams(list_all=-1, engine_lists=0)))
    assert result.cost == alone.cost
    assert result.plan.node.tolist() == alone.plan.node.tolist()


@pytest.mark.parametrize("seed", range(30))
def test_more_of_anything_never_costs_more(seed: int) -> None:
    problem = random_problem(seed)
    nodes = tuple(
        replace(n, vcpu=2 * n.vcpu, memory_mib=2 * n.memory_mib, power_w=2 * n.power_w,
                pools=tuple(replace(pool, count=pool.count + 1) for pool in n.pools))
        for n in problem.nodes
    )  # fmt: skip
    richer = replace(problem, network=replace(problem.network, nodes=nodes))
    assert place(richer, QUICK).cost <= place(problem, QUICK).cost


def test_the_empty_plan_is_legal_and_costs_every_value() -> None:
    verdict = verify(world(), Plan.empty())
    assert verdict.ok
    assert verdict.cost == sum(w.value_month for w in (CAMERA, ROBOT, CONTROL))
