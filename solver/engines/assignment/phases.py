"""The phase for dense assignments: dives before the exact attempt, and in place of search after it."""

from __future__ import annotations

from functools import partial

from solver.engines.assignment.dives import Dives, DualAscent
from solver.engines.assignment.matrix import applies, matrix_of
from solver.engines.phase import Phase, Solve, Turns
from solver.packing.solution import Stage


def _suits(solve: Solve) -> bool:
    return applies(solve.view, solve.params.matrix)


def _begin(solve: Solve) -> None:
    """A good plan first: the fewer options can be part of a better one, the smaller is the exact model."""
    ascent = _ascent(solve)
    begin = solve.clock.used()
    solve.spread(partial(_dive, solve, ascent, begin, begin + solve.params.dives.first_share, 0))
    solve.turns = Turns(partial(_all_dives, solve, ascent), solve.params.dives.turn)


def _ascent(solve: Solve) -> DualAscent:
    """What dives start from, within its share of the time."""
    budget = solve.part(solve.params.dives.worth_share)
    prices = solve.best.prices
    matrix = matrix_of(solve.view, solve.guide, prices.row / prices.scale, solve.params.matrix)
    return DualAscent(matrix, budget, solve.params)


def _all_dives(solve: Solve, ascent: DualAscent, begin: float, end: float, turn: int) -> None:
    """Dives by each worker."""
    solve.spread(partial(_dive, solve, ascent, begin, end, turn))


def _dive(solve: Solve, ascent: DualAscent, begin: float, end: float, turn: int, worker: int) -> None:
    """Dive once in turn 0; then refill rows while `spent` goes from `begin` to `end`, cooling from the best plan."""
    view, best, clock = solve.view, solve.best, solve.clock
    dives = Dives(view, ascent, solve.limits.seed + 7919 * turn + worker)
    if turn == 0:
        dives.dive(solve.clock)
        best.offer(view, dives.tried(), Stage.DIVES)
    coolings = 1 if turn == 0 else solve.params.dives.coolings
    cooling = -1
    while not solve.over():
        share = coolings * (clock.used() - begin) / max(1e-9, end - begin)
        if share >= coolings:
            break
        if int(share) > cooling:
            cooling = int(share)
            dives.restart(best.taken(view))
        cost = dives.step(cooling + 1 - share)
        clock.work()
        if cost < best.cost:
            best.offer(view, dives.tried(), Stage.DIVES)


DIVES = Phase(Stage.DIVES, _suits, _begin)
