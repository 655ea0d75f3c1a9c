"""The 0/1 knapsack of one row of a dense assignment, and the state of an ascent over all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import Index
from solver.compiled import inner
from solver.engines.assignment.matrix import AssignmentMatrix

Reals = NDArray[np.float64]

#: The first bracket around a guessed edge of a knapsack, as a share of it; the largest edge looked for, in guesses; and how
#: often a bracket is halved.
_NARROW, _LARGEST_EDGE, _HALVINGS = 0.9, 1e9, 12


class KnapsackSolutions(NamedTuple):
    """State of an ascent or a dive (R rows, I items).

    Attributes
    ----------
    dual : float64[I]
        Dual value of covering an item, in cost units.
    mean : float32[R, I]
        Running mean of the solutions.
    solution : bool[R, I]
        The last knapsack solution of each row.
    edge : float64[R]
        Worth of a unit of each row, for the knapsack's own bound.
    open, loose : bool[R], bool[I]
        Rows not fixed, and items not on a fixed row.
    """

    dual: Reals
    mean: NDArray[np.float32]
    solution: NDArray[np.bool_]
    edge: Reals
    open: NDArray[np.bool_]
    loose: NDArray[np.bool_]


def solutions_of(matrix: AssignmentMatrix) -> KnapsackSolutions:
    """The start of an ascent: dual values from the prices of the rows."""
    rows, items = matrix.cost.shape
    return KnapsackSolutions(
        dual=matrix.floor.copy(),
        mean=np.zeros((rows, items), dtype=np.float32),
        solution=np.zeros((rows, items), dtype=np.bool_),
        edge=matrix.price.copy(),
        open=np.ones(rows, dtype=np.bool_),
        loose=np.ones(items, dtype=np.bool_),
    )


def copy_of(solutions: KnapsackSolutions) -> KnapsackSolutions:
    """A state to dive from, so that the original stays."""
    return KnapsackSolutions(
        dual=solutions.dual.copy(),
        mean=solutions.mean.copy(),
        solution=solutions.solution.copy(),
        edge=solutions.edge.copy(),
        open=solutions.open.copy(),
        loose=solutions.loose.copy(),
    )


class Scratch(NamedTuple):
    """Scratch: the candidates of a knapsack, their values and amounts, those near its edge, the tables of best values and
    of decisions; how many rows cover each item."""

    item: NDArray[np.int32]
    value: NDArray[np.float32]
    amount: NDArray[np.int64]
    near: Index
    best: NDArray[np.float32]
    spare: NDArray[np.float32]
    taken: NDArray[np.bool_]
    covered: Index


def scratch_for(matrix: AssignmentMatrix) -> Scratch:
    """Scratch for one thread."""
    items, most = matrix.cost.shape[1], int(matrix.capacity.max()) + 1
    return Scratch(
        item=np.empty(items, dtype=np.int32),
        value=np.empty(items, dtype=np.float32),
        amount=np.empty(items, dtype=np.int64),
        near=np.empty(items, dtype=np.int32),
        best=np.empty(most, dtype=np.float32),
        spare=np.empty(most, dtype=np.float32),
        taken=np.empty((items, most), dtype=np.bool_),
        covered=np.empty(items, dtype=np.int32),
    )


@inner
def _edge(scratch: Scratch, count: int, capacity: int, start: float) -> float:
    """About the price of capacity at which the candidates that pay for themselves just fill it; `start` is a guess."""
    low, high = _NARROW * start, start / _NARROW
    # Candidates that pay at both ends of the bracket, or at neither, need no second look.
    load, near = 0, 0
    for k in range(count):
        if scratch.value[k] > high * scratch.amount[k]:
            load += scratch.amount[k]
        elif scratch.value[k] > low * scratch.amount[k]:
            scratch.near[near] = k
            near += 1
    between = 0
    for n in range(near):
        between += scratch.amount[scratch.near[n]]
    if load > capacity:
        low, high = high, _LARGEST_EDGE * start
    elif load + between <= capacity:
        if start <= 0.0:
            return 0.0
        low, high = 0.0, low
    if load > capacity or load + between <= capacity:
        load, near = 0, count
        for k in range(count):
            scratch.near[k] = k
    for _ in range(_HALVINGS if near < count else 4 * _HALVINGS):
        price = 0.5 * (low + high)
        asked = load
        for n in range(near):
            k = scratch.near[n]
            if scratch.value[k] > price * scratch.amount[k]:
                asked += scratch.amount[k]
        if asked > capacity:
            low = price
        else:
            high = price
    return high


@inner
def solve_knapsack(
    matrix: AssignmentMatrix, solutions: KnapsackSolutions, scratch: Scratch, row: int, trust: float, neutral: float
) -> float:
    """The knapsack solution of a row that is worth most, into `solutions.solution`; returns its value.

    Items that the knapsack's linear bound shows to be in or out of every better solution than the last one are
    decided by that; dynamic programming by load decides on the few others.

    Longer than a screen: each of these passes over the candidates goes on from the sums of the one before.
    """
    capacity = matrix.capacity[row]
    cost, weight, mean, solution = matrix.cost[row], matrix.amount[row], solutions.mean[row], solutions.solution[row]
    count, known, load = 0, 0.0, 0
    for item in range(solution.size):
        before = solution[item]
        solution[item] = False
        value = solutions.dual[item] - cost[item]
        if trust > 0.0:
            value += trust * (mean[item] - neutral)
        if value > 0.0 and solutions.loose[item] and weight[item] <= capacity:
            scratch.item[count], scratch.value[count], scratch.amount[count] = item, value, weight[item]
            count += 1
            if before:
                known += value
    edge = _edge(scratch, count, capacity, solutions.edge[row])
    # Zero would leave the next search nothing to widen.
    solutions.edge[row] = max(edge, 1e-9)
    bound = edge * capacity
    for k in range(count):
        bound += max(0.0, scratch.value[k] - edge * scratch.amount[k])
    # Single precision in the tables below: leave it some scratch.
    slack = bound - known + 1e-4 * (1.0 + abs(bound))
    sure, kept = 0.0, 0
    for k in range(count):
        depth = scratch.value[k] - edge * scratch.amount[k]
        if depth > slack and load + scratch.amount[k] <= capacity:
            solution[scratch.item[k]] = True
            sure += scratch.value[k]
            load += scratch.amount[k]
        elif depth >= -slack:
            scratch.item[kept], scratch.value[kept], scratch.amount[kept] = (
                scratch.item[k],
                scratch.value[k],
                scratch.amount[k],
            )
            kept += 1
    left = capacity - load
    best, spare = scratch.best, scratch.spare
    best[: left + 1] = 0.0
    for k in range(kept):
        amount, value = min(scratch.amount[k], left + 1), scratch.value[k]
        taken = scratch.taken[k]
        for at in range(amount):
            spare[at] = best[at]
            taken[at] = False
        # Slices, so that no index can be negative and the loop runs on vectors.
        without, after, decided = best[amount : left + 1], spare[amount : left + 1], taken[amount : left + 1]
        for at in range(left + 1 - amount):
            other = best[at] + value
            stays = without[at]
            decided[at] = other > stays
            after[at] = other if other > stays else stays
        best, spare = spare, best
    total = sure + best[left]
    for k in range(kept - 1, -1, -1):
        if scratch.taken[k, left]:
            solution[scratch.item[k]] = True
            left -= scratch.amount[k]
    return float(total)
