"""Phases that make a plan from nothing, or from what is at hand: by cost at first, and at the prices."""

from __future__ import annotations

from solver.engines.first import carried_over, first_plan
from solver.engines.phase import Phase, Solve, always
from solver.packing.solution import Stage


def _begin(solve: Solve) -> None:
    """What is still legal of an earlier plan, and one made greedily."""
    if solve.start is not None:
        solve.best.offer(solve.view, carried_over(solve.view, solve.start), Stage.START)
    solve.best.offer(solve.view, first_plan(solve.view).taken, Stage.FIRST)


def _priced(solve: Solve) -> bool:
    return solve.dual is not None


def _round(solve: Solve) -> None:
    """A greedy plan at the prices behind the bound."""
    if solve.dual is not None:
        solve.best.offer(solve.view, first_plan(solve.view, solve.dual.row).taken, Stage.ROUNDING)


FIRST = Phase(Stage.FIRST, always, _begin)
ROUNDING = Phase(Stage.ROUNDING, _priced, _round)
