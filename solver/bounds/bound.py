"""From any prices to a proven lower bound, in whole numbers only.

For prices p >= 0 on rows and shares w >= 0 on (item, activation) pairs, every legal placement x, y costs at least

    sum_i count_i * min(penalty_i, min_o cost_o + p.load_o + w_pair(o))
    + sum_a min(0, cost_a + p.load_a - sum_i count_i * w_ia - sum_{rows r owned by a} p_r capacity_r)
    - sum_{rows r owned by nobody} p_r capacity_r

(Lagrangian relaxation, Geoffrion 1974, of the rows and of "a copy on an option of a opens a"). A row is owned by
activation a if nothing but a and options of a loads it: then it has no capacity to sell unless a is open, which is
what makes the bound strong for facility location. All of it is evaluated at `scale` units per cost unit in int64, so no
bound rests on rounding or on a solver's tolerance.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import live_options
from solver.compiled import kernel
from solver.packing import IntArray, Packing
from solver.packing.solution import Prices

_ROOM = 2**62


class Terms(NamedTuple):
    """A bound taken apart: ``(count @ item + constant) / scale`` bounds the cost from below.

    Attributes
    ----------
    item : int64[I]
        Least reduced cost of one copy over its options, at most its penalty, times `scale`.
    constant : int
        The dual value of the rows' capacity (negative) and the activations' part, times `scale`.
    scale : int
        Price units per cost unit.
    """

    item: IntArray
    constant: int
    scale: int

    def total(self, count: IntArray) -> int:
        """The bound itself, times `scale`."""
        return int(_product(self.item, count).sum()) + self.constant

    def bound(self, count: IntArray) -> int:
        """The proven lower bound on the cost: costs are whole, so the last fraction rounds up."""
        return -(-self.total(count) // self.scale)


def item_terms(packing: Packing, prices: Prices, closed: bool = True) -> Terms:
    """The bound at the given prices, split so that the minimum over options not in the packing can be folded in.

    An option that is not listed has the reduced cost ``cost * scale + sum(prices.row[r] * load_r)`` (a share of its
    activation may be added, none is always valid); replacing ``item[i]`` by the lesser of the two keeps
    the bound valid for the packing with that option added.

    Parameters
    ----------
    packing : Packing
        The problem.
    prices : Prices
        Any prices; negative ones count as zero, larger ones than the arithmetic can carry are lowered.
    closed : bool
        Whether the packing lists all options. Give False where further options may load a row without opening
        the activation that owns it here; then no row counts as owned.
    """
    if prices.row.size != packing.rows or prices.share.size not in (0, packing.options):
        raise ValueError("prices belong to another packing")
    scale = prices.scale
    row_price, share = carried(packing, prices)
    pair, pair_item, pair_activation = _pairs(packing)
    owner = row_owner(packing) if closed else np.full(packing.rows, -1, dtype=np.int64)
    pair_share = np.zeros(pair_item.size, dtype=np.int64)
    linked = pair >= 0
    np.maximum.at(pair_share, pair[linked], share[linked])
    item = _item_minimum(
        packing.item_ptr,
        packing.item_penalty,
        packing.option_cost,
        packing.load_ptr,
        packing.load_row,
        packing.load_amount,
        live_options(packing),
        pair,
        pair_share,
        row_price,
        scale,
    )
    slack = packing.activation_cost.astype(object) * scale
    worth = _product(row_price, packing.row_capacity)
    owned = owner >= 0
    np.subtract.at(slack, owner[owned], worth[owned])
    loader = np.repeat(np.arange(packing.activations), np.diff(packing.activation_load_ptr))
    loads = _product(row_price[packing.activation_load_row], packing.activation_load_amount)
    np.add.at(slack, loader, loads)
    np.subtract.at(slack, pair_activation, _product(packing.item_count[pair_item], pair_share))
    constant = sum(min(0, int(value)) for value in slack) - int(worth[~owned].sum())
    return Terms(item, constant, scale)


def _product(left: IntArray, right: IntArray) -> NDArray[Any]:
    """Entrywise product whose sum is exact too: int64 where that fits, Python integers where it may not."""
    largest = float(left.max(initial=0)) * float(right.max(initial=0))
    if largest * max(1, left.size) < 2.0**60:
        return left * right
    return np.asarray(left.astype(object) * right)


def capacity_value(price: IntArray, capacity: IntArray) -> int:
    """The dual value of all capacity at the prices, exactly."""
    return int(_product(price, capacity).sum())


def row_owner(packing: Packing) -> IntArray:
    """For each row the activation without which nothing can load it, or -1; int64[R]."""
    nobody, several = packing.activations, -1
    if nobody == 0:
        return np.full(packing.rows, -1, dtype=np.int64)
    option = np.repeat(np.arange(packing.options), np.diff(packing.load_ptr))
    claim_row = np.concatenate((packing.load_row, packing.activation_load_row))
    claim = np.concatenate(
        (
            packing.option_activation[option],
            np.repeat(np.arange(packing.activations), np.diff(packing.activation_load_ptr)),
        )
    )
    low = np.full(packing.rows, nobody, dtype=np.int64)
    high = np.full(packing.rows, several, dtype=np.int64)
    np.minimum.at(low, claim_row, claim)
    np.maximum.at(high, claim_row, claim)
    owner = np.where((low == high) & (low >= 0), low, -1)
    return np.asarray(owner)


def _pairs(packing: Packing) -> tuple[IntArray, IntArray, IntArray]:
    """For each option its (item, activation) pair or -1, and the item and the activation of each pair."""
    pair = np.full(packing.options, -1, dtype=np.int64)
    linked = np.flatnonzero(packing.option_activation >= 0)
    if linked.size == 0:
        return pair, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    key = packing.option_item[linked] * packing.activations + packing.option_activation[linked]
    keys, pair[linked] = np.unique(key, return_inverse=True)
    return pair, keys // packing.activations, keys % packing.activations


def carried(packing: Packing, prices: Prices) -> tuple[IntArray, IntArray]:
    """Prices lowered, where they must be, until no reduced cost can leave int64; any lower price is valid too."""
    if prices.scale < 1 or int(packing.item_penalty.max(initial=0)) * prices.scale > _ROOM:
        raise ValueError("the scale of the prices is out of range")
    widest = int(np.diff(packing.load_ptr).max(initial=0)) + 3
    heaviest = np.ones(packing.rows, dtype=np.int64)
    np.maximum.at(heaviest, packing.load_row, packing.load_amount)
    row_price = np.clip(prices.row, 0, _ROOM // widest // heaviest)
    share = prices.share if prices.share.size else np.zeros(packing.options, dtype=np.int64)
    return row_price, np.clip(share, 0, _ROOM // widest)


@kernel
def _item_minimum(
    item_ptr: IntArray,
    item_penalty: IntArray,
    option_cost: IntArray,
    load_ptr: IntArray,
    load_row: IntArray,
    load_amount: IntArray,
    live: NDArray[np.bool_],
    pair: IntArray,
    pair_share: IntArray,
    row_price: IntArray,
    scale: int,
) -> NDArray[np.int64]:
    """Least scaled reduced cost of each item, at most its penalty. Options that no best plan holds are left out."""
    least = item_penalty * scale
    for item in range(item_penalty.size):
        for option in range(item_ptr[item], item_ptr[item + 1]):
            if not live[option]:
                continue
            value = option_cost[option] * scale
            if value >= least[item]:
                continue
            if pair[option] >= 0:
                value += pair_share[pair[option]]
            for at in range(load_ptr[option], load_ptr[option + 1]):
                row = load_row[at]
                value += row_price[row] * load_amount[at]
                if value >= least[item]:
                    break
            least[item] = min(least[item], value)
    return least
