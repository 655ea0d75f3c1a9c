"""Dives along the knapsack relaxation of a dense assignment: fix the filling of one row after the other.

Relaxing "every item once" leaves one 0/1 knapsack for each row, whose prices (`worth` of an item) make a stronger
bound than prices of rows do and, more to the point, whose solutions are whole fillings of a row without a gap
(Lagrangian relaxation for generalised assignment, Fisher, Jaikumar and Van Wassenhove 1986). A subgradient ascent moves the
worths; the running mean of its fillings approximates the fractional solution of the master problem of column
generation (volume algorithm, Barahona and Anbil 2000). A dive fixes the row on whose filling these agree best, lets the
ascent go on over the rest, and so on to the last row (diving heuristics of branch and price, Sadykov et al. 2019).

A plan is improved by the same means: a few rows that compete for the same items are emptied and filled anew by a dive
over them alone (large-neighbourhood search, Shaw 1998).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.view import Index
from solver.compiled import inner, kernel, number
from solver.engines.assignment.table import Table
from solver.engines.search import uniform
from solver.params import DivingParams

Reals = NDArray[np.float64]

#: The first bracket around a guessed edge of a knapsack, as a share of it; the largest edge looked for, in guesses; and how
#: often a bracket is halved.
_NARROW, _LARGEST_EDGE, _HALVINGS = 0.9, 1e9, 12


class Fillings(NamedTuple):
    """State of an ascent or a dive (R rows, I items).

    Attributes
    ----------
    worth : float64[I]
        What covering an item is worth, in cost units.
    mean : float32[R, I]
        Running mean of the fillings.
    filling : bool[R, I]
        The last filling of each row.
    edge : float64[R]
        Worth of a unit of each row, for the knapsack's own bound.
    open, loose : bool[R], bool[I]
        Rows not fixed, and items not on a fixed row.
    """

    worth: Reals
    mean: NDArray[np.float32]
    filling: NDArray[np.bool_]
    edge: Reals
    open: NDArray[np.bool_]
    loose: NDArray[np.bool_]


def fillings_of(table: Table) -> Fillings:
    """The start of an ascent: worths from the prices of the rows."""
    rows, items = table.cost.shape
    return Fillings(
        worth=table.floor.copy(),
        mean=np.zeros((rows, items), dtype=np.float32),
        filling=np.zeros((rows, items), dtype=np.bool_),
        edge=table.price.copy(),
        open=np.ones(rows, dtype=np.bool_),
        loose=np.ones(items, dtype=np.bool_),
    )


def copy_of(fillings: Fillings) -> Fillings:
    """A state to dive from, so that the original stays."""
    return Fillings(
        worth=fillings.worth.copy(),
        mean=fillings.mean.copy(),
        filling=fillings.filling.copy(),
        edge=fillings.edge.copy(),
        open=fillings.open.copy(),
        loose=fillings.loose.copy(),
    )


class Room(NamedTuple):
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


def room_for(table: Table) -> Room:
    """Scratch for one thread."""
    items, most = table.cost.shape[1], int(table.capacity.max()) + 1
    return Room(
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
def _edge(room: Room, count: int, capacity: int, start: float) -> float:
    """About the price of capacity at which the candidates that pay for themselves just fill it; `start` is a guess."""
    low, high = _NARROW * start, start / _NARROW
    # Candidates that pay at both ends of the bracket, or at neither, need no second look.
    load, near = 0, 0
    for k in range(count):
        if room.value[k] > high * room.amount[k]:
            load += room.amount[k]
        elif room.value[k] > low * room.amount[k]:
            room.near[near] = k
            near += 1
    between = 0
    for n in range(near):
        between += room.amount[room.near[n]]
    if load > capacity:
        low, high = high, _LARGEST_EDGE * start
    elif load + between <= capacity:
        if start <= 0.0:
            return 0.0
        low, high = 0.0, low
    if load > capacity or load + between <= capacity:
        load, near = 0, count
        for k in range(count):
            room.near[k] = k
    for _ in range(_HALVINGS if near < count else 4 * _HALVINGS):
        price = 0.5 * (low + high)
        asked = load
        for n in range(near):
            k = room.near[n]
            if room.value[k] > price * room.amount[k]:
                asked += room.amount[k]
        if asked > capacity:
            low = price
        else:
            high = price
    return high


@inner
def _fill(table: Table, fillings: Fillings, room: Room, row: int, trust: float, neutral: float) -> float:
    """The filling of a row that is worth most, into `fillings.filling`; returns its value.

    Items that the knapsack's linear bound shows to be in or out of every better filling than the last one are
    decided by that; dynamic programming by load decides on the few others.
    """
    capacity = table.capacity[row]
    cost, weight, mean, filling = table.cost[row], table.amount[row], fillings.mean[row], fillings.filling[row]
    count, known, load = 0, 0.0, 0
    for item in range(filling.size):
        before = filling[item]
        filling[item] = False
        value = fillings.worth[item] - cost[item]
        if trust > 0.0:
            value += trust * (mean[item] - neutral)
        if value > 0.0 and fillings.loose[item] and weight[item] <= capacity:
            room.item[count], room.value[count], room.amount[count] = item, value, weight[item]
            count += 1
            if before:
                known += value
    edge = _edge(room, count, capacity, fillings.edge[row])
    # Zero would leave the next search nothing to widen.
    fillings.edge[row] = max(edge, 1e-9)
    bound = edge * capacity
    for k in range(count):
        bound += max(0.0, room.value[k] - edge * room.amount[k])
    # Single precision in the tables below: leave it some room.
    slack = bound - known + 1e-4 * (1.0 + abs(bound))
    sure, kept = 0.0, 0
    for k in range(count):
        depth = room.value[k] - edge * room.amount[k]
        if depth > slack and load + room.amount[k] <= capacity:
            filling[room.item[k]] = True
            sure += room.value[k]
            load += room.amount[k]
        elif depth >= -slack:
            room.item[kept], room.value[kept], room.amount[kept] = room.item[k], room.value[k], room.amount[k]
            kept += 1
    left = capacity - load
    best, spare = room.best, room.spare
    best[: left + 1] = 0.0
    for k in range(kept):
        amount, worth = min(room.amount[k], left + 1), room.value[k]
        taken = room.taken[k]
        for at in range(amount):
            spare[at] = best[at]
            taken[at] = False
        # Slices, so that no index can be negative and the loop runs on vectors.
        without, after, decided = best[amount : left + 1], spare[amount : left + 1], taken[amount : left + 1]
        for at in range(left + 1 - amount):
            other = best[at] + worth
            stays = without[at]
            decided[at] = other > stays
            after[at] = other if other > stays else stays
        best, spare = spare, best
    total = sure + best[left]
    for k in range(kept - 1, -1, -1):
        if room.taken[k, left]:
            filling[room.item[k]] = True
            left -= room.amount[k]
    return float(total)


@inner
def _climb(table: Table, fillings: Fillings, room: Room, step: float, fade: float) -> float:
    """One step of the ascent over all open rows; returns the value of the relaxation of what is not fixed."""
    rows, items = fillings.filling.shape
    value = 0.0
    for item in range(items):
        room.covered[item] = 0
        if fillings.loose[item]:
            value += fillings.worth[item]
    keep, add = np.float32(1.0 - fade), np.float32(fade)
    for row in range(rows):
        if not fillings.open[row]:
            continue
        value -= _fill(table, fillings, room, row, 0.0, 0.0)
        mean, filling = fillings.mean[row], fillings.filling[row]
        for item in range(items):
            inside = np.int32(filling[item])
            room.covered[item] += inside
            mean[item] = keep * mean[item] + add * np.float32(inside)
    for item in range(items):
        if fillings.loose[item]:
            fillings.worth[item] += step * (1 - room.covered[item])
    return value


@kernel
def ascend_worths(
    table: Table, fillings: Fillings, room: Room, steps: int, begin: float, end: float, params: DivingParams
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
        size = table.spread * params.first_step * (params.last_step / params.first_step) ** share
        best = max(best, _climb(table, fillings, room, size, params.fade))
    return best


@inner
def _fix_next(
    table: Table, fillings: Fillings, room: Room, steps: int, source: NDArray[np.uint64], row_of: Index, params: DivingParams
) -> None:
    """Let the ascent go on for `steps` steps, then fix the filling of the row that agrees best with the mean."""
    rows, items = fillings.filling.shape
    for step in range(steps):
        size = table.spread * params.dive_step * (params.dive_last / params.dive_step) ** (step / steps)
        _climb(table, fillings, room, size, params.dive_fade)
    most, chosen = -1.0, number(-1)
    for row in range(rows):
        if not fillings.open[row]:
            continue
        agreed, count = 0.0, 0
        for item in range(items):
            if fillings.filling[row, item]:
                agreed += fillings.mean[row, item]
                count += 1
        agreed = agreed / max(1, count) + params.whim * uniform(source)
        if agreed > most:
            most, chosen = agreed, row
    _fill(table, fillings, room, chosen, table.spread * params.trust, params.neutral)
    for item in range(items):
        if fillings.filling[chosen, item]:
            row_of[item] = chosen
            fillings.loose[item] = False
    fillings.open[chosen] = False


@kernel
def dive_step(
    table: Table, fillings: Fillings, room: Room, steps: int, source: NDArray[np.uint64], row_of: Index, params: DivingParams
) -> None:
    """Let the ascent go on for `steps` steps, then fix the filling of one row and enter it into `row_of`.

    Parameters
    ----------
    source : uint64[1]
        From `random_source`.
    row_of : int32[I]
        The row of each item that is on a fixed row, -1 for the others.
    """
    _fix_next(table, fillings, room, steps, source, row_of, params)


@kernel
def value_of(table: Table, fillings: Fillings, row_of: Index, surcharge: float) -> float:
    """Cost of a choice of rows, where an item without one (-1) costs its worth and a surcharge (in spreads)."""
    value = 0.0
    for item in range(row_of.size):
        row = row_of[item]
        value += fillings.worth[item] + surcharge * table.spread if row < 0 else table.cost[row, item]
    return value


@kernel
def _open_kin(
    table: Table, work: Fillings, source: NDArray[np.uint64], row_of: Index, count: int, params: DivingParams
) -> None:
    """Open `count` rows (and no others) whose items would almost as gladly be on another of them.

    The first is a row near an item that has none, if there is such an item, else any.
    """
    rows, items = work.filling.shape
    kinship = np.zeros(rows)
    work.open[:] = False
    waiting = 0
    chosen = int(uniform(source) * rows)
    for item in range(items):
        if row_of[item] < 0 and table.excess[table.near[item, 0], item] < np.inf:
            waiting += 1
            if uniform(source) * waiting < 1.0:
                chosen = table.near[item, int(uniform(source) * min(params.wishes, table.near.shape[1]))]
    limit = params.kin * table.spread
    for _ in range(count):
        work.open[chosen] = True
        for item in range(items):
            row = row_of[item]
            if row == chosen:
                for near in table.near[item]:
                    if table.excess[near, item] <= limit:
                        kinship[near] += 1.0
            elif row >= 0 and table.excess[chosen, item] <= limit:
                kinship[row] += 1.0
        most = -1.0
        for row in range(rows):
            if not work.open[row]:
                draw = kinship[row] * uniform(source)
                if draw > most:
                    most, chosen = draw, row


@kernel
def refill(
    table: Table,
    fillings: Fillings,
    work: Fillings,
    room: Room,
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
    fillings : Fillings
        An ascent that has converged; the dive starts from it.
    work : Fillings
        Scratch, from `copy_of`.
    row_of, trial : int32[I]
        The choice (-1: no row), and where the new one goes.
    """
    _open_kin(table, work, source, row_of, count, params)
    work.worth[:] = fillings.worth
    for item in range(row_of.size):
        row = row_of[item]
        work.loose[item] = row < 0 or work.open[row]
        trial[item] = -1 if work.loose[item] else row
    for row in range(work.open.size):
        if work.open[row]:
            work.mean[row] = fillings.mean[row]
            work.edge[row] = fillings.edge[row]
            for item in range(row_of.size):
                work.filling[row, item] = row_of[item] == row
    for _ in range(count):
        _fix_next(table, work, room, steps, source, trial, params)
