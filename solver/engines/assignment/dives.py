"""A solve's dives: worths computed once, then any number of threads that dive and refill, each on a choice of its own."""

from __future__ import annotations

import numpy as np

from solver.bounds.view import View
from solver.engines.assignment.diving import ascend_worths, copy_of, dive_step, fillings_of, refill, room_for, value_of
from solver.engines.assignment.table import Table, rows_of, taken_of
from solver.engines.search import random_source
from solver.packing import IntArray
from solver.params import SolveParams
from solver.running.budget import AnyBudget


class Worths:
    """Prices of the items that all dives start from.

    Parameters
    ----------
    table : Table
        The packing.
    budget : Budget
        Where passes are slow, the schedule follows what is used of it, and ends with it.
    params : SolveParams
        Of it `diving` and `refills`, for the dives too.
    """

    def __init__(self, table: Table, budget: AnyBudget, params: SolveParams) -> None:
        self.table = table
        self.diving, self.refills = params.diving, params.refills
        self.fillings = fillings_of(table)
        room = room_for(table)
        share = 0.0
        while share < 1.0:
            end = min(1.0, share + self.refills.chunk / self.refills.ascent)
            ascend_worths(table, self.fillings, room, self.refills.chunk, share, end, self.diving)
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
        self._diving, self._params = worths.diving, worths.refills
        self._work = copy_of(worths.fillings)
        self._room = room_for(worths.table)
        self._source = random_source(seed)
        self._random = np.random.default_rng(seed % 2**32)
        items = view.item_count.size
        self._row = np.full(items, -1, dtype=np.int32)
        self._trial = self._row.copy()
        self._best = self._row.copy()
        self._value = self._best_value = value_of(self._table, self._fillings, self._row, self._diving.surcharge)

    def tried(self) -> IntArray:
        """What `dive` or `step` tried last, as copies on each live option, int64[O]; always legal."""
        return taken_of(self._table, self._view, self._trial)

    def dive(self, budget: AnyBudget) -> None:
        """Dive once over all rows, or until the budget is over."""
        work, params = copy_of(self._fillings), self._params
        self._trial[:] = -1
        rows = self._table.capacity.size
        steps = max(params.least_steps, min(params.steps, params.all_steps // rows))
        for _ in range(rows):
            if budget.over():
                break
            dive_step(self._table, work, self._room, steps, self._source, self._trial, self._diving)
        self._move(value_of(self._table, self._fillings, self._trial, self._diving.surcharge))

    def restart(self, taken: IntArray) -> None:
        """Go on from a placement, or from the best choice of this thread if that is worth more."""
        self._trial[:] = rows_of(self._view, taken)
        value = value_of(self._table, self._fillings, self._trial, self._diving.surcharge)
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
        params = self._params
        rows, items = self._table.cost.shape
        most = max(params.fewest, min(params.most, params.crowd * rows // items))
        count = int(self._random.integers(min(params.fewest, rows), min(most, rows) + 1))
        refill(
            self._table,
            self._fillings,
            self._work,
            self._room,
            count,
            params.steps,
            self._source,
            self._row,
            self._trial,
            self._diving,
        )
        value = value_of(self._table, self._fillings, self._trial, self._diving.surcharge)
        worse = value - self._value
        if worse <= 0.0 or worse < self._random.exponential(max(1e-9, warmth * params.hot * self._table.spread)):
            self._move(value)
        placed = self._trial >= 0
        cost = self._table.cost[self._trial[placed], np.flatnonzero(placed)].sum()
        return int(cost + self._view.item_penalty[~placed].sum())

    def _move(self, value: float) -> None:
        self._row[:], self._value = self._trial, value
        if value < self._best_value:
            self._best[:], self._best_value = self._trial, value
