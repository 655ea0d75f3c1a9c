"""The exact phase: CP-SAT on the whole packing, within a growing window of options."""

from __future__ import annotations

import math

import numpy as np

from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.reduced_costs import ReducedCosts
from solver.engines.cpsat import Answer, Effort, Subproblem, solve_subproblem, whole_packing
from solver.engines.phase import Phase, Solve
from solver.engines.state import state_of
from solver.packing import IntArray
from solver.packing.solution import Stage
from solver.running.budget import BudgetPart


def subproblem_below(view: CompiledPacking, taken: IntArray, guide: ReducedCosts, cost: int) -> Subproblem:
    """The whole packing as a part, without what is neither in `taken` nor can be in a plan cheaper than `cost`."""
    state, gap = state_of(view, taken), guide.gap(cost)
    options = np.flatnonzero((guide.excess <= gap) | (taken > 0))
    return whole_packing(view, options, taken, (guide.left_out > gap) & (state.waiting == 0))


def subproblem_of(solve: Solve) -> Subproblem:
    """All that a plan cheaper than the best one can be made of."""
    return subproblem_below(solve.view, solve.best.taken(solve.view), solve.guide, solve.best.cost)


def _small_enough(solve: Solve) -> bool:
    return subproblem_of(solve).options.size <= solve.params.models.largest


def _grow(solve: Solve) -> None:
    """CP-SAT on the whole packing, as long as it gets on and for a share of the limit at most.

    It begins with the options that a plan close to the bound can be made of, which are few, and goes on with more: a
    plan found among them is optimal if it costs no more than any with one of the others could.
    """
    view, guide, clock, params = solve.view, solve.guide, solve.clock, solve.params.exact
    limit, work = solve.limits.seconds, solve.limits.work
    largest = solve.params.models.largest
    left = math.inf if work is None else params.work_each * params.share * work
    end = clock.seconds() + min(clock.left(), max(1.0, params.share * limit))
    items = view.item_count.size
    spare, below = params.spare * items, -1
    while not solve.over() and left > 0.0:
        best = solve.best.cost
        cost = min(best, guide.target(math.ceil(items + spare), below) + 1)
        part = subproblem_below(view, solve.best.taken(view), guide, cost)
        seconds = max(0.0, end - clock.seconds())
        effort = Effort(seconds, solve.workers, solve.limits.seed, None if work is None else left, largest)
        answer = solve_window(solve, part, effort, cost)
        if not answer.optimal or cost == best:
            break
        left -= answer.work
        spare, below = 2.0 * spare, cost - 1
    clock.charge(params.share)


class _Patience(BudgetPart):
    """All that is left, but over as well once neither plan nor bound has become better for so many seconds."""

    def __init__(self, solve: Solve, seconds: float) -> None:
        super().__init__(solve.clock, 1.0)
        self._solve, self._seconds = solve, seconds
        self._last = solve.clock.seconds()
        self._reached = (solve.best.cost, solve.best.bound)

    def over(self) -> bool:
        """Whether to stop."""
        now, reached = self._solve.clock.seconds(), (self._solve.best.cost, self._solve.best.bound)
        if reached != self._reached:
            self._last, self._reached = now, reached
        return super().over() or now - self._last > self._seconds


class _Window:
    """Takes over what CP-SAT finds in a part that leaves out nothing of plans cheaper than `cost`."""

    def __init__(self, solve: Solve, part: Subproblem, cost: int) -> None:
        self._solve, self._part, self._cost = solve, part, cost

    def found(self, taken: IntArray) -> None:
        """Offer a plan."""
        self._solve.best.offer_part(self._solve.view, self._part.options, taken, Stage.EXACT)

    def bounded(self, bound: int) -> None:
        """Believe a bound as far as it speaks of all plans."""
        self._solve.best.believe(min(bound, self._cost), Stage.EXACT)


def solve_window(solve: Solve, part: Subproblem, effort: Effort, cost: int) -> Answer:
    """CP-SAT on a part that leaves out nothing of plans cheaper than `cost`."""
    params = solve.params.exact
    share = params.small_patience if part.options.size <= params.small else params.patience
    # Work, where it counts, ends the attempt, not the clock.
    patience = max(1.0, share * solve.limits.seconds) if effort.work is None else math.inf
    window = _Window(solve, part, cost)
    answer = solve_subproblem(solve.view, part, effort, _Patience(solve, patience), window)
    if answer.taken is not None:
        window.found(answer.taken)
        window.bounded(answer.bound)
    return answer


EXACT = Phase(Stage.EXACT, _small_enough, _grow)
