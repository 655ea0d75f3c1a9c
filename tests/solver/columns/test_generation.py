"""Column generation tells of what it reaches, in order, and ends with plans and bounds of the whole space."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver.columns import RestrictedMaster, enlarge, generate, price_out
from solver.engines import Limits, solve
from solver.packing.check import check
from solver.running.budget import Budget, Stopwatch
from solver.space.compiling import space_of
from solver.space.options import Space
from tests.solver.random_problems import LAZY, random_problem

SEEDS = range(0, 40, 4)
#: No space is listed whole, not even one in which nothing is legal.
NEVER_WHOLE = replace(LAZY, columns=replace(LAZY.columns, list_all=-1))


class Heard:
    """All that an observer hears, in order."""

    def __init__(self) -> None:
        self.plans: list[int] = []
        self.bounds: list[int] = []
        self.order: list[str] = []

    def plan(self, cost: int, unplaced: int, phase: str) -> None:
        """Note a plan's cost."""
        assert unplaced >= 0
        self.plans.append(cost)
        self.order.append(f"plan of {phase}")

    def bound(self, bound: int, phase: str) -> None:
        """Note a bound."""
        self.bounds.append(bound)
        self.order.append(f"bound of {phase}")


def generated(space: Space, heard: Heard, took: Stopwatch | None = None) -> RestrictedMaster:
    return generate(space, 1, Budget(Limits(seconds=600)), heard, params=NEVER_WHOLE, took=took)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_observer_hears_of_cheaper_plans_and_higher_bounds_only(seed: int) -> None:
    heard = Heard()
    master = generated(space_of(random_problem(seed)), heard)
    assert heard.order[:2] == ["bound of first", "plan of first"]
    assert heard.bounds == sorted(heard.bounds)
    assert heard.plans == sorted(heard.plans, reverse=True)
    assert master.answer is not None
    assert (heard.bounds[-1], heard.plans[-1]) == (master.bound, master.answer.cost)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_plans_are_legal_in_the_numbers_of_the_list(seed: int) -> None:
    master = generated(space_of(random_problem(seed)), Heard())
    assert master.answer is not None
    assert master.start is not None
    for plan in (master.answer.placement, master.start):
        cost, faults = check(master.listed.packing, plan.item, plan.option, plan.count)
        assert not faults
        assert cost >= master.answer.cost


@pytest.mark.parametrize("seed", SEEDS)
def test_an_enlarged_list_keeps_its_options_and_bounds_no_less(seed: int) -> None:
    space = space_of(random_problem(seed))
    master = generated(space, Heard())
    solution = solve(master.listed.packing, Limits(seconds=20, work=2), start=master.start, prices=master.prices)
    larger = enlarge(space, master, solution, LAZY.columns)
    held = larger.listed.item * space.places + larger.listed.host
    assert np.isin(master.listed.item * space.places + master.listed.host, held).all()
    assert larger.bound >= max(master.bound, price_out(space, master, solution.prices))


def test_each_step_is_timed() -> None:
    took = Stopwatch()
    generated(space_of(random_problem(0)), Heard(), took)
    assert list(took.total) == ["greedy", "first list", "ascent", "pricing", "listing"]


def test_rounds_are_no_more_than_asked_for() -> None:
    params, took, heard = replace(NEVER_WHOLE, columns=replace(NEVER_WHOLE.columns, rounds=1)), Stopwatch(), Heard()
    generate(space_of(random_problem(0)), 1, Budget(Limits(seconds=600)), heard, params=params, took=took)
    assert took["ascent"] == took.total["ascent"] > 0.0
    assert heard.order.count("plan of columns") <= 1
