"""Time as a value: what a deadline allows, and what is left of a phase's share of the limit."""

from __future__ import annotations

import pytest

from solver.packing.solution import Limits
from solver.running.budget import Budget, Clock, Deadline

LONG = Limits(seconds=1_000.0)
WORK = Limits(seconds=1_000.0, work=10)


def test_a_deadline_allows_what_ends_within_the_share() -> None:
    deadline = Deadline(LONG, kept_back=200.0)
    assert deadline.left == pytest.approx(800.0, abs=10.0)
    assert deadline.allows(0.5, 350.0)
    assert not deadline.allows(0.5, 450.0)
    assert deadline.allows(1.0, 450.0)


def test_a_deadline_keeps_back_a_tenth_at_most_and_never_less_than_before() -> None:
    deadline = Deadline(LONG)
    deadline.keep_back(50.0)
    assert deadline.left == pytest.approx(950.0, abs=10.0)
    deadline.keep_back(500.0)
    assert deadline.left == pytest.approx(900.0, abs=10.0)
    deadline.keep_back(1.0)
    assert deadline.left == pytest.approx(900.0, abs=10.0)


@pytest.mark.parametrize("limits", [LONG, WORK], ids=["time", "work"])
def test_a_stop_allows_nothing_any_more(limits: Limits) -> None:
    assert not Deadline(limits, should_stop=lambda: True).allows(1.0, 0.0)


def test_where_work_counts_a_deadline_does_not_look_at_the_clock() -> None:
    assert Deadline(WORK).allows(0.1, 10_000.0)


def test_a_budget_of_time_ends_before_the_solve() -> None:
    clock = Clock(LONG, None)
    assert Budget(clock, 0.5, clock.over).used() < 0.1
    short = Budget(clock, 1e-12, clock.over)
    while short.used() <= 1.0:
        assert not clock.over()
    assert short.over()
    short.charge()
    assert clock.spent() < 0.1


def test_a_budget_of_work_ends_with_the_solve_and_is_charged_whole() -> None:
    clock = Clock(WORK, None)
    budget = Budget(clock, 0.3, clock.over)
    assert (budget.used(), budget.over()) == (0.0, False)
    budget.charge()
    assert clock.spent() == pytest.approx(0.3)
    assert not budget.over()
    clock.halt()
    assert budget.over()
