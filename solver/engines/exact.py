"""The exact phase: CP-SAT on the whole packing, within a growing window of options."""

from __future__ import annotations

import math

import numpy as np

from solver.bounds.guide import Guide
from solver.bounds.view import View
from solver.engines.cpsat import LARGEST_MODEL, Answer, Effort, Part, solve_part, whole_packing
from solver.engines.phase import Phase, Solve
from solver.engines.state import state_of
from solver.packing import IntArray
from solver.packing.solution import Stage


def part_below(view: View, taken: IntArray, guide: Guide, cost: int) -> Part:
    """The whole packing as a part, without what is neither in `taken` nor can be in a plan cheaper than `cost`."""
    state, gap = state_of(view, taken), guide.gap(cost)
    options = np.flatnonzero((guide.excess <= gap) | (taken > 0))
    return whole_packing(view, options, taken, (guide.left_out > gap) & (state.waiting == 0))


def part_of(solve: Solve) -> Part:
    """All that a plan cheaper than the best one can be made of."""
    return part_below(solve.view, solve.best.taken(solve.view), solve.guide, solve.best.cost)


def _small_enough(solve: Solve) -> bool:
    return part_of(solve).options.size <= LARGEST_MODEL


def _grow(solve: Solve) -> None:
    """CP-SAT on the whole packing, as long as it gets on and for a share of the limit at most.

    It begins with the options that a plan close to the bound can be made of, which are few, and goes on with more: a
    plan found among them is optimal if it costs no more than any with one of the others could.
    """
    view, guide, clock, params = solve.view, solve.guide, solve.clock, solve.params.exact
    limit, work = solve.limits.seconds, solve.limits.work
    left = math.inf if work is None else params.work_each * params.share * work
    end = clock.seconds() + min(clock.left(), max(1.0, params.share * limit))
    items = view.item_count.size
    spare, below = params.spare * items, -1
    while not solve.over() and left > 0.0:
        best = solve.best.cost
        cost = min(best, guide.target(math.ceil(items + spare), below) + 1)
        part = part_below(view, solve.best.taken(view), guide, cost)
        seconds = max(0.0, end - clock.seconds())
        effort = Effort(seconds, solve.workers, solve.limits.seed, None if work is None else left)
        answer = solve_window(solve, part, effort, cost)
        if not answer.optimal or cost == best:
            break
        left -= answer.work
        spare, below = 2.0 * spare, cost - 1
    clock.charge(params.share)


def solve_window(solve: Solve, part: Part, effort: Effort, cost: int) -> Answer:
    """CP-SAT on a part that leaves out nothing of plans cheaper than `cost`."""
    view, best, clock, params = solve.view, solve.best, solve.clock, solve.params.exact
    share = params.small_patience if part.options.size <= params.small else params.patience
    patience = max(1.0, share * solve.limits.seconds)
    last = clock.seconds()
    state = (best.cost, best.bound)

    def stuck() -> bool:
        nonlocal last, state
        if state != (best.cost, best.bound):
            last, state = clock.seconds(), (best.cost, best.bound)
        return solve.over() or (effort.work is None and clock.seconds() - last > patience)

    def bounded(bound: int) -> None:
        best.believe(min(bound, cost), Stage.EXACT)

    def offered(taken: IntArray) -> None:
        best.offer_part(view, part.options, taken, Stage.EXACT)

    answer = solve_part(view, part, effort, stuck, on_taken=offered, on_bound=bounded)
    if answer.taken is not None:
        offered(answer.taken)
        bounded(answer.bound)
    return answer


EXACT = Phase(Stage.EXACT, _small_enough, _grow)
