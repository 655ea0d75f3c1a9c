"""Exact dual values of the linear relaxation of small and medium packings, by HiGHS.

The model holds every row, and of each item the options that are cheapest at the prices at hand; options that the dual values
find too cheap are added until there are none (sifting: Bixby et al. 1992). Activations are variables, with one constraint
for each pair of an item and an activation; a row that nothing but the options of one activation loads has the capacity of
that activation while it is open.

What HiGHS answers is used as prices alone: `bound.item_terms` makes the proof, in whole numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array

from solver.bounds.compiled_packing import CompiledPacking
from solver.bounds.lagrangian import Dual, Field, reduced_costs
from solver.params import DEFAULTS, RelaxationParams

Reals = NDArray[np.float64]

#: More simplex iterations than there is time for.
_UNLIMITED = 2**31 - 1


class Relaxation:
    """The linear relaxation of a packing, solved over ever more of its options. The caller counts the rounds.

    Variables are options, then activations; constraints are items (at most their count of copies), rows, then pairs of an
    item and an activation. An option costs what it saves against leaving the copy unplaced.

    Parameters
    ----------
    view, field : CompiledPacking, Field
        The packing.
    start : Dual
        Prices by which the first options are chosen.
    params : RelaxationParams
        How many options enter the model, and how fast.
    """

    def __init__(
        self, view: CompiledPacking, field: Field, start: Dual, params: RelaxationParams = DEFAULTS.relaxation
    ) -> None:
        self._view, self._field, self._params = view, field, params
        self._items, self._rows, self._options = view.item_count.size, view.row_capacity.size, view.option_cost.size
        saved = view.option_cost - view.item_penalty[view.option_item]
        self._cost = np.concatenate((saved, view.activation_cost)).astype(np.float64)
        self._most = np.concatenate((np.full(self._options, np.inf), np.ones(view.activation_cost.size)))
        owned = field.owner >= 0
        capacity = np.where(owned, 0, view.row_capacity)
        self._right = np.concatenate((view.item_count, capacity, np.zeros(field.pair_item.size))).astype(np.float64)
        self._matrix = self._written(np.flatnonzero(owned))
        #: Options that are in the model, bool[O]. With activations the dual values of a part are far from those of the
        #: whole: then it has all of them at once.
        self.inside = np.ones(self._options, dtype=bool)
        if not view.activation_cost.size:
            self.inside = self._foremost(reduced_costs(view, field, start), params.first)
        #: Prices of the last round, and whether they are exact: where there is nothing to decide, any are.
        self.dual, self.exact = start, self._cost.size == 0

    def step(self, seconds: float, iterations: int = _UNLIMITED) -> bool:
        """Solve the model once and let in the options that are too cheap at its prices, within so many seconds and simplex
        iterations; False, with the prices as they were, if they did not suffice."""
        column = np.concatenate((np.flatnonzero(self.inside), np.arange(self._options, self._cost.size)))
        # Its stubs know no sparse matrix and no array of bounds.
        found: Any = linprog(  # type: ignore[call-overload]
            self._cost[column],
            A_ub=self._matrix[:, column],
            b_ub=self._right,
            bounds=np.column_stack((np.zeros(column.size), self._most[column])),
            method="highs-ds",
            options={"time_limit": max(seconds, 0.0), "maxiter": iterations},
        )
        if found.status != 0:
            return False
        price = np.maximum(-found.ineqlin.marginals, 0.0)
        copy, row, pair = np.split(price, (self._items, self._items + self._rows))
        self.dual = Dual(row, pair, float(found.fun + self._view.item_count @ self._view.item_penalty))
        reduced = reduced_costs(self._view, self._field, self.dual)
        # What a copy costs in the model at these prices: an option that costs less is missing in it.
        paid = (self._view.item_penalty - copy)[self._view.option_item]
        cheap = (reduced < paid - self._params.tolerance * np.maximum(1.0, np.abs(paid))) & ~self.inside
        self.exact = not cheap.any()
        self.inside |= cheap & self._foremost(np.where(cheap, reduced - paid, 0.0), self._params.further)
        return True

    def _foremost(self, score: Reals, count: int) -> NDArray[np.bool_]:
        """The so many options of each item with the least score, bool[O]."""
        item = self._view.option_item
        order = np.lexsort((score, item))
        place = np.empty(self._options, dtype=np.int64)
        place[order] = np.arange(self._options) - self._view.item_ptr[item[order]]
        return np.asarray(place < count)

    def _written(self, owned: NDArray[np.int64]) -> csc_array:
        """The matrix of the whole model."""
        view, field, begin = self._view, self._field, self._items + self._rows
        linked = np.flatnonzero(field.pair >= 0)
        loader = np.repeat(np.arange(view.activation_cost.size), np.diff(view.activation_load_ptr))
        parts = (
            (view.option_item, np.arange(self._options), np.ones(self._options)),
            (self._items + view.load_row, view.load_option, view.load_amount),
            (self._items + view.activation_load_row, self._options + loader, view.activation_load_amount),
            (self._items + owned, self._options + field.owner[owned], -view.row_capacity[owned]),
            (begin + field.pair[linked], linked, np.ones(linked.size)),
            (
                begin + np.arange(field.pair_item.size),
                self._options + field.pair_activation,
                -view.item_count[field.pair_item],
            ),
        )
        constraint, variable, amount = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        shape = self._right.size, self._cost.size
        return csc_array((amount.astype(np.float64), (constraint, variable)), shape=shape)
