"""A solve's dives: one dual ascent, then any number of threads that dive and refill, each on a choice of its own."""

from __future__ import annotations

import numpy as np

from solver.bounds.compiled_packing import CompiledPacking
from solver.engines.assignment.diving import ascend_duals, dive_step, refill, value_of
from solver.engines.assignment.knapsack import copy_of, scratch_for, solutions_of
from solver.engines.assignment.matrix import AssignmentMatrix, rows_of, taken_of
from solver.engines.search import random_source
from solver.packing import IntArray
from solver.params import SolveParams
from solver.running.budget import AnyBudget


class DualAscent:
    """The dual values of the items that all dives start from.

    Parameters
    ----------
    matrix : AssignmentMatrix
        The packing.
    budget : Budget
        Where passes are slow, the schedule follows what is used of it, and ends with it.
    params : SolveParams
        Of it `diving` and `refills`, for the dives too.
    """

    def __init__(self, matrix: AssignmentMatrix, budget: AnyBudget, params: SolveParams) -> None:
        self.matrix = matrix
        self.diving, self.refills = params.diving, params.refills
        self.solutions = solutions_of(matrix)
        scratch = scratch_for(matrix)
        share = 0.0
        while share < 1.0:
            end = min(1.0, share + self.refills.chunk / self.refills.ascent)
            ascend_duals(matrix, self.solutions, scratch, self.refills.chunk, share, end, self.diving)
            share = 1.0 if budget.over() else max(end, budget.used())


class Dives:
    """One thread's choice of rows, improved by `step`.

    Parameters
    ----------
    view, ascent : CompiledPacking, DualAscent
        The packing and where dives start.
    seed : int
        Start of the random sequence.
    """

    def __init__(self, view: CompiledPacking, ascent: DualAscent, seed: int) -> None:
        self._view = view
        self._matrix = ascent.matrix
        self._solutions = ascent.solutions
        self._diving, self._params = ascent.diving, ascent.refills
        self._work = copy_of(ascent.solutions)
        self._scratch = scratch_for(ascent.matrix)
        self._source = random_source(seed)
        self._random = np.random.default_rng(seed % 2**32)
        items = view.item_count.size
        self._row = np.full(items, -1, dtype=np.int32)
        self._trial = self._row.copy()
        self._best = self._row.copy()
        self._value = self._best_value = value_of(self._matrix, self._solutions, self._row, self._diving.surcharge)

    def tried(self) -> IntArray:
        """What `dive` or `step` tried last, as copies on each live option, int64[O]; always legal."""
        return taken_of(self._matrix, self._view, self._trial)

    def dive(self, budget: AnyBudget) -> None:
        """Dive once over all rows, or until the budget is over."""
        work, params = copy_of(self._solutions), self._params
        self._trial[:] = -1
        rows = self._matrix.capacity.size
        steps = max(params.least_steps, min(params.steps, params.all_steps // rows))
        for _ in range(rows):
            if budget.over():
                break
            dive_step(self._matrix, work, self._scratch, steps, self._source, self._trial, self._diving)
        self._move(value_of(self._matrix, self._solutions, self._trial, self._diving.surcharge))

    def restart(self, taken: IntArray) -> None:
        """Go on from a placement, or from the best choice of this thread if that is worth more."""
        self._trial[:] = rows_of(self._view, taken)
        value = value_of(self._matrix, self._solutions, self._trial, self._diving.surcharge)
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
        rows, items = self._matrix.cost.shape
        most = max(params.fewest, min(params.most, params.crowd * rows // items))
        count = int(self._random.integers(min(params.fewest, rows), min(most, rows) + 1))
        refill(
            self._matrix,
            self._solutions,
            self._work,
            self._scratch,
            count,
            params.steps,
            self._source,
            self._row,
            self._trial,
            self._diving,
        )
        value = value_of(self._matrix, self._solutions, self._trial, self._diving.surcharge)
        worse = value - self._value
        if worse <= 0.0 or worse < self._random.exponential(max(1e-9, warmth * params.hot * self._matrix.spread)):
            self._move(value)
        placed = self._trial >= 0
        cost = self._matrix.cost[self._trial[placed], np.flatnonzero(placed)].sum()
        return int(cost + self._view.item_penalty[~placed].sum())

    def _move(self, value: float) -> None:
        self._row[:], self._value = self._trial, value
        if value < self._best_value:
            self._best[:], self._best_value = self._trial, value
