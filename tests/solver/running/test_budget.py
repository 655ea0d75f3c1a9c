"""Time as a value: what a budget allows, and what is left of a phase's share of the limit."""

from __future__ import annotations

import pytest

from solver.packing.solution import Limits
from solver.running.budget import Budget, Stopwatch

LONG = Limits(seconds=1_000.0)
WORK = Limits(seconds=1_000.0, work=10)


def test_a_budget_allows_what_ends_within_the_share() -> None:
    budget = Budget(LONG, kept_back=200.0)
    assert budget.left() == pytest.approx(800.0, abs=10.0)
    assert budget.allows(0.5, 350.0)
    assert not budget.allows(0.5, 450.0)
    assert budget.allows(1.0, 450.0)


def test_a_budget_keeps_back_a_tenth_at_most_and_never_less_than_before() -> None:
    budget = Budget(LONG)
    budget.keep_back(50.0)
    assert budget.left() == pytest.approx(950.0, abs=10.0)
    budget.keep_back(500.0)
    assert budget.left() == pytest.approx(900.0, abs=10.0)
    budget.keep_back(1.0)
    assert budget.left() == pytest.approx(900.0, abs=10.0)


@pytest.mark.parametrize("limits", [LONG, WORK], ids=["time", "work"])
def test_a_stop_allows_nothing_any_more(limits: Limits) -> None:
    assert not Budget(limits, should_stop=lambda: True).allows(1.0, 0.0)


def test_where_work_counts_a_budget_does_not_look_at_the_clock() -> None:
    assert Budget(WORK).allows(0.1, 10_000.0)


def test_a_part_of_time_ends_before_the_whole() -> None:
    budget = Budget(LONG)
    assert budget.part(0.5).used() < 0.1
    short = budget.part(1e-12)
    while short.used() <= 1.0:
        assert not budget.over()
    assert short.over()
    short.charge()
    assert budget.used() < 0.1


def test_a_part_of_work_ends_with_the_whole_and_is_charged_at_once() -> None:
    budget = Budget(WORK)
    part = budget.part(0.3)
    assert (part.used(), part.over()) == (0.0, False)
    part.charge()
    assert budget.used() == pytest.approx(0.3)
    assert not part.over()
    budget.halt()
    assert part.over()


@pytest.mark.parametrize("limits", [LONG, WORK], ids=["time", "work"])
def test_what_is_finished_is_over_and_was_not_halted(limits: Limits) -> None:
    budget = Budget(limits)
    part = budget.part(0.5)
    budget.finish()
    assert budget.over()
    assert part.over()
    assert not budget.watch()
    assert not budget.halted


def test_a_stop_halts_once_it_is_asked_for() -> None:
    budget = Budget(LONG, should_stop=lambda: True)
    assert not budget.over()
    assert budget.watch()
    assert budget.halted
    assert budget.over()


def test_a_stopwatch_keeps_the_last_time_and_the_sum_of_each_step() -> None:
    took = Stopwatch()
    assert took["scan"] == 0.0
    took.add("scan", 3.0)
    took.add("fill", 1.0)
    took.add("scan", 2.0)
    assert (took["scan"], took.total) == (2.0, {"scan": 5.0, "fill": 1.0})
    with took("fill"):
        pass
    assert took["fill"] < 1.0
