"""What the improving engines take from the prices: reduced costs, and which options cannot matter by them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking, Index, load_value
from solver.bounds.lagrangian import Dual, Field, reduced_costs
from solver.packing import IntArray
from solver.params import DEFAULTS

Reals = NDArray[np.float64]


class ReducedCosts(NamedTuple):
    """The packing seen through one set of prices.

    Attributes
    ----------
    bound : float
        The bound at these prices, with its fraction: where costs are small numbers, that decides on many options.
    excess : float64[O], left_out : float64[I]
        Reduced cost of an option, and of leaving a copy unplaced, over the least of its item. A plan that uses it
        costs at least `bound` plus this.
    rank : int32[O]
        The options of each item, least excess first.
    cheapest, penalty : int64[I]
        Least cost of one copy; the search's charge for an unplaced copy.
    spread : float
        Natural unit of temperatures.
    """

    bound: float
    excess: Reals
    left_out: Reals
    rank: Index
    cheapest: IntArray
    penalty: IntArray
    spread: float

    def gap(self, cost: int) -> float:
        """The excess beyond which nothing can be part of a plan cheaper than `cost`; never too small by rounding."""
        rounding = 1e-6 + 1e-9 * abs(cost) + 1e-13 * float(self.left_out.max(initial=0.0))
        return cost - 1.0 - self.bound + rounding

    def target(self, options: int, above: int) -> int:
        """A cost, more than `above`, such that about so many options or more can be part of a plan that costs no more."""
        if options >= self.excess.size:
            return np.iinfo(np.int64).max
        reach = float(np.partition(self.excess, options)[options])
        return max(above + 1, math.ceil(self.bound), math.floor(self.bound + reach))


def sharpened(guide: ReducedCosts, bound: float, excess: Reals, left_out: Reals) -> ReducedCosts:
    """The guide with what a second proof knows: a plan that uses an option costs at least `bound` plus its `excess`.

    The greater of the two proofs counts for each option; the ranking stays.
    """
    behind = guide.bound - bound
    return guide._replace(
        bound=float(bound),
        excess=np.maximum(guide.excess + behind, excess),
        left_out=np.maximum(guide.left_out + behind, left_out),
    )


def reduced_costs_at(
    view: CompiledPacking, field: Field, dual: Dual, bound: float, hardest: float = DEFAULTS.search.hardest
) -> ReducedCosts:
    """The guide at prices that prove `bound`, its fraction included; `hardest` as for `hardness`."""
    reduced = reduced_costs(view, field, dual)
    least = view.item_penalty.astype(np.float64)
    np.minimum.at(least, view.option_item, reduced)
    return ReducedCosts(
        bound=float(bound),
        excess=reduced - least[view.option_item],
        left_out=view.item_penalty - least,
        rank=ranking(view, reduced),
        cheapest=cheapest(view),
        penalty=hardness(view, dual.row, hardest),
        spread=field.spread,
    )


def ranking(view: CompiledPacking, score: Reals) -> Index:
    """The options of each item, best score first; int32[O], same ranges as `item_ptr`."""
    return np.lexsort((score, view.option_item)).astype(np.int32)


def hardness(view: CompiledPacking, price: Reals, hardest: float = DEFAULTS.search.hardest) -> IntArray:
    """Penalties for the search, int64[I]: the true ones, and as much again for each mean dual value of an item's loads that
    the loads of a copy have, at least; at most `hardest` times the true ones.

    Room for a copy that fills half a node is made by driving out several small ones, which find a place more easily: so a
    search must hold it dearer than them, even where all penalties are the same.
    """
    value = load_value(view, price)
    least = np.full(view.item_count.size, np.inf)
    np.minimum.at(least, view.option_item, value)
    least[~np.isfinite(least)] = 0.0
    times = np.minimum(least / max(float(least.mean()), 1e-12), hardest - 1.0)
    return view.item_penalty + np.floor(np.minimum(view.item_penalty * times, 2.0**60)).astype(np.int64)


def cheapest(view: CompiledPacking) -> NDArray[np.int64]:
    """Least cost of one copy of each item, unplaced included; int64[I]."""
    least = view.item_penalty.copy()
    np.minimum.at(least, view.option_item, view.option_cost)
    return least
