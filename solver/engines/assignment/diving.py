"""Dives along the knapsack relaxation of a dense assignment: fix the knapsack solution of one row after the other.

Relaxing "every item once" leaves one 0/1 knapsack for each row. The dual values of the items (`dual`) make a stronger
bound than prices of rows do and, more to the point, the knapsacks' solutions fill a row without a gap
(Lagrangian relaxation for generalised assignment, Fisher, Jaikumar and Van Wassenhove 1986). A subgradient ascent moves the
dual values; the running mean of its solutions approximates the fractional solution of the master problem of column
generation (volume algorithm, Barahona and Anbil 2000). A dive fixes the row on whose solution these agree best, lets the
ascent go on over the rest, and so on to the last row (diving heuristics of branch and price, Sadykov et al. 2019).

A plan is improved by the same means: a few rows that compete for the same items are emptied and filled anew by a dive
over them alone (large-neighbourhood search, Shaw 1998).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import Index
from solver.compiled import inner, kernel, number
from solver.engines.assignment.knapsack import KnapsackSolutions, Scratch, solve_knapsack
from solver.engines.assignment.matrix import AssignmentMatrix
from solver.engines.search import uniform
from solver.params import DivingParams


@inner
def _climb(matrix: AssignmentMatrix, solutions: KnapsackSolutions, scratch: Scratch, step: float, fade: float) -> float:
    """One step of the ascent over all open rows; returns the value of the relaxation of what is not fixed."""
    rows, items = solutions.solution.shape
    value = 0.0
    for item in range(items):
        scratch.covered[item] = 0
        if solutions.loose[item]:
            value += solutions.dual[item]
    keep, add = np.float32(1.0 - fade), np.float32(fade)
    for row in range(rows):
        if not solutions.open[row]:
            continue
        value -= solve_knapsack(matrix, solutions, scratch, row, 0.0, 0.0)
        mean, solution = solutions.mean[row], solutions.solution[row]
        for item in range(items):
            inside = np.int32(solution[item])
            scratch.covered[item] += inside
            mean[item] = keep * mean[item] + add * np.float32(inside)
    for item in range(items):
        if solutions.loose[item]:
            solutions.dual[item] += step * (1 - scratch.covered[item])
    return value


@kernel
def ascend_duals(
    matrix: AssignmentMatrix,
    solutions: KnapsackSolutions,
    scratch: Scratch,
    steps: int,
    begin: float,
    end: float,
    params: DivingParams,
) -> float:
    """Take `steps` steps of the ascent while its schedule goes from share `begin` to share `end`.

    Returns
    -------
    float
        The best value of the relaxation seen; not proven, single precision.
    """
    best = -np.inf
    for step in range(steps):
        share = begin + (end - begin) * step / steps
        size = matrix.spread * params.first_step * (params.last_step / params.first_step) ** share
        best = max(best, _climb(matrix, solutions, scratch, size, params.fade))
    return best


@inner
def _fix_next(
    matrix: AssignmentMatrix,
    solutions: KnapsackSolutions,
    scratch: Scratch,
    steps: int,
    source: NDArray[np.uint64],
    row_of: Index,
    params: DivingParams,
) -> None:
    """Let the ascent go on for `steps` steps, then fix the knapsack solution of the row that agrees best with the mean."""
    rows, items = solutions.solution.shape
    for step in range(steps):
        size = matrix.spread * params.dive_step * (params.dive_last / params.dive_step) ** (step / steps)
        _climb(matrix, solutions, scratch, size, params.dive_fade)
    most, chosen = -1.0, number(-1)
    for row in range(rows):
        if not solutions.open[row]:
            continue
        agreed, count = 0.0, 0
        for item in range(items):
            if solutions.solution[row, item]:
                agreed += solutions.mean[row, item]
                count += 1
        agreed = agreed / max(1, count) + params.noise * uniform(source)
        if agreed > most:
            most, chosen = agreed, row
    solve_knapsack(matrix, solutions, scratch, chosen, matrix.spread * params.trust, params.neutral)
    for item in range(items):
        if solutions.solution[chosen, item]:
            row_of[item] = chosen
            solutions.loose[item] = False
    solutions.open[chosen] = False


@kernel
def dive_step(
    matrix: AssignmentMatrix,
    solutions: KnapsackSolutions,
    scratch: Scratch,
    steps: int,
    source: NDArray[np.uint64],
    row_of: Index,
    params: DivingParams,
) -> None:
    """Let the ascent go on for `steps` steps, then fix the knapsack solution of one row and enter it into `row_of`.

    Parameters
    ----------
    source : uint64[1]
        From `random_source`.
    row_of : int32[I]
        The row of each item that is on a fixed row, -1 for the others.
    """
    _fix_next(matrix, solutions, scratch, steps, source, row_of, params)


@kernel
def value_of(matrix: AssignmentMatrix, solutions: KnapsackSolutions, row_of: Index, surcharge: float) -> float:
    """Cost of a choice of rows, where an item without one (-1) costs its dual value and a surcharge (in spreads)."""
    value = 0.0
    for item in range(row_of.size):
        row = row_of[item]
        value += solutions.dual[item] + surcharge * matrix.spread if row < 0 else matrix.cost[row, item]
    return value


@kernel
def _open_similar(
    matrix: AssignmentMatrix,
    work: KnapsackSolutions,
    source: NDArray[np.uint64],
    row_of: Index,
    count: int,
    params: DivingParams,
) -> None:
    """Open `count` rows (and no others) whose items cost little more on another of them.

    The first is a row near an item that has none, if there is such an item, else any.
    """
    rows, items = work.solution.shape
    similarity = np.zeros(rows)
    work.open[:] = False
    waiting = 0
    chosen = int(uniform(source) * rows)
    for item in range(items):
        if row_of[item] < 0 and matrix.excess[matrix.near[item, 0], item] < np.inf:
            waiting += 1
            if uniform(source) * waiting < 1.0:
                chosen = matrix.near[item, int(uniform(source) * min(params.preferred, matrix.near.shape[1]))]
    limit = params.similar * matrix.spread
    for _ in range(count):
        work.open[chosen] = True
        for item in range(items):
            row = row_of[item]
            if row == chosen:
                for near in matrix.near[item]:
                    if matrix.excess[near, item] <= limit:
                        similarity[near] += 1.0
            elif row >= 0 and matrix.excess[chosen, item] <= limit:
                similarity[row] += 1.0
        most = -1.0
        for row in range(rows):
            if not work.open[row]:
                draw = similarity[row] * uniform(source)
                if draw > most:
                    most, chosen = draw, row


@kernel
def refill(
    matrix: AssignmentMatrix,
    solutions: KnapsackSolutions,
    work: KnapsackSolutions,
    scratch: Scratch,
    count: int,
    steps: int,
    source: NDArray[np.uint64],
    row_of: Index,
    trial: Index,
    params: DivingParams,
) -> None:
    """Empty `count` rows of a choice and fill them anew by a dive over them and the items without a row.

    Parameters
    ----------
    solutions : KnapsackSolutions
        An ascent that has converged; the dive starts from it.
    work : KnapsackSolutions
        Scratch, from `copy_of`.
    row_of, trial : int32[I]
        The choice (-1: no row), and where the new one goes.
    """
    _open_similar(matrix, work, source, row_of, count, params)
    work.dual[:] = solutions.dual
    for item in range(row_of.size):
        row = row_of[item]
        work.loose[item] = row < 0 or work.open[row]
        trial[item] = -1 if work.loose[item] else row
    for row in range(work.open.size):
        if work.open[row]:
            work.mean[row] = solutions.mean[row]
            work.edge[row] = solutions.edge[row]
            for item in range(row_of.size):
                work.solution[row, item] = row_of[item] == row
    for _ in range(count):
        _fix_next(matrix, work, scratch, steps, source, trial, params)
