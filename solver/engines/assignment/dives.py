"""A solve's dives: worths computed once, then any number of threads that dive and refill, each on a choice of its own."""

from __future__ import annotations

import numpy as np

from solver.bounds.view import View
from solver.engines.assignment.diving import ascend_worths, copy_of, dive_step, fillings_of, refill, room_for, value_of
from solver.engines.assignment.table import Table, rows_of, taken_of
from solver.engines.search import random_source
from solver.packing import IntArray
from solver.running.budget import Budget

#: Steps of the ascent in all, and between two looks at the clock.
_ASCENT, _CHUNK = 1500, 25
#: Steps before each row that a dive fixes: when refilling, and, no fewer and in all, over all rows.
_STEPS, _LEAST_STEPS, _ALL_STEPS = 20, 5, 400
#: Temperature at the start of a cooling, in spreads.
_HOT = 0.01
#: How many rows are emptied at once, no fewer and no more, and how many items they should hold at most.
_FEWEST, _MOST, _CROWD = 3, 12, 250


class Worths:
    """Prices of the items that all dives start from.

    Parameters
    ----------
    table : Table
        The packing.
    budget : Budget
        Where passes are slow, the schedule follows what is used of it, and ends with it.
    """

    def __init__(self, table: Table, budget: Budget) -> None:
        self.table = table
        self.fillings = fillings_of(table)
        room = room_for(table)
        share = 0.0
        while share < 1.0:
            end = min(1.0, share + _CHUNK / _ASCENT)
            ascend_worths(table, self.fillings, room, _CHUNK, share, end)
            share = 1.0 if budget.over() else max(end, budget.used())


class Dives:
    """One thread's choice of rows, improved by `step`.

    Parameters
    ----------
    view, worths : View, Worths
        The packing and where dives start.
    seed : int
        Start of the random sequence.
    """

    def __init__(self, view: View, worths: Worths, seed: int) -> None:
        self._view = view
        self._table = worths.table
        self._fillings = worths.fillings
        self._work = copy_of(worths.fillings)
        self._room = room_for(worths.table)
        self._source = random_source(seed)
        self._random = np.random.default_rng(seed % 2**32)
        items = view.item_count.size
        self._row = np.full(items, -1, dtype=np.int32)
        self._trial = self._row.copy()
        self._best = self._row.copy()
        self._value = self._best_value = value_of(self._table, self._fillings, self._row)

    def tried(self) -> IntArray:
        """What `dive` or `step` tried last, as copies on each live option, int64[O]; always legal."""
        return taken_of(self._table, self._view, self._trial)

    def dive(self, budget: Budget) -> None:
        """Dive once over all rows, or until the budget is over."""
        work = copy_of(self._fillings)
        self._trial[:] = -1
        rows = self._table.capacity.size
        steps = max(_LEAST_STEPS, min(_STEPS, _ALL_STEPS // rows))
        for _ in range(rows):
            if budget.over():
                break
            dive_step(self._table, work, self._room, steps, self._source, self._trial)
        self._move(value_of(self._table, self._fillings, self._trial))

    def restart(self, taken: IntArray) -> None:
        """Go on from a placement, or from the best choice of this thread if that is worth more."""
        self._trial[:] = rows_of(self._view, taken)
        value = value_of(self._table, self._fillings, self._trial)
        if value > self._best_value:
            self._trial[:], value = self._best, self._best_value
        self._move(value)

    def step(self, warmth: float) -> int:
        """Refill some rows and keep that or not by the Metropolis rule.

        Parameters
        ----------
        warmth : float
            Temperature, as a share of that at which a cooling starts.

        Returns
        -------
        int
            Cost of what was tried, penalties included.
        """
        rows, items = self._table.cost.shape
        most = max(_FEWEST, min(_MOST, _CROWD * rows // items))
        count = int(self._random.integers(min(_FEWEST, rows), min(most, rows) + 1))
        refill(
            self._table,
            self._fillings,
            self._work,
            self._room,
            count,
            _STEPS,
            self._source,
            self._row,
            self._trial,
        )
        value = value_of(self._table, self._fillings, self._trial)
        worse = value - self._value
        if worse <= 0.0 or worse < self._random.exponential(max(1e-9, warmth * _HOT * self._table.spread)):
            self._move(value)
        placed = self._trial >= 0
        cost = self._table.cost[self._trial[placed], np.flatnonzero(placed)].sum()
        return int(cost + self._view.item_penalty[~placed].sum())

    def _move(self, value: float) -> None:
        self._row[:], self._value = self._trial, value
        if value < self._best_value:
            self._best[:], self._best_value = self._trial, value
