"""Search through overloads, for packings in which every item is one copy and every option loads one row.

Where rows are tight, the way from one good plan to the next leads through plans that overload a row a little. This search
walks there freely and pays for every unit of overload at the row's own rate; a rate rises while its row is overloaded
and falls while it is not, so that the walk keeps crossing the border of the legal plans (strategic oscillation, Glover
1977; adaptive penalties for generalised assignment, Yagiura, Ibaraki and Glover 2004). A proposal moves an item to an option
that its prices favour and, of the items that stand there, the one whose best way out pays most; the pair is accepted by
the Metropolis rule. The cheapest legal plan on the way is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.engines.compiled import inner, kernel
from solver.engines.search import uniform
from solver.engines.view import Index, View
from solver.packing import IntArray

Reals = NDArray[np.float64]

#: The most entries of the table of options by item and row.
_LARGEST_TABLE = 8_000_000
#: The least share of that table which must be filled; where items reach few rows the annealed search does better.
_DENSE = 0.5
#: Ways out that are tried for an item in the way, and items in the way that are looked at.
_WAYS, _LOOKS = 5, 24
#: Power of the uniform draw that picks an option by its rank: the larger, the more often the best-ranked.
_FOCUS = 4
#: Factors on a row's rate after each sweep that leaves it overloaded or not: about one row in ten may be. Faster ones
#: shake the walk like a higher temperature.
_RISE, _FALL = 1.002, 0.9998
#: No rate falls below this, in cost units per unit of load.
_LEAST_RATE = 1e-6


class Walk(NamedTuple):
    """Arrays of one walk; one writer at a time.

    Attributes
    ----------
    option_row, option_amount : int32[O], int64[O]
        The row that an option loads (-1: none), and by how much.
    at_row : int32[I, R]
        An item's option on a row, or -1.
    rank : int32[O]
        The options of each item, least reduced cost first.
    movable : int64[J]
        Items that have an option.
    chosen : int64[I]
        The option of each item (-1: it has none).
    member, member_at, members : int32[R, I], int32[I], int64[R]
        Items on each row, in any order, where each stands, and how many.
    free : int64[R]
        What a row has left; negative: overload.
    rate : float64[R]
        Cost of a unit of overload.
    best : int64[I]
        The cheapest legal choice seen.
    total : int64[3]
        Cost of `chosen`, number of overloaded rows, cost of `best` (-1: none yet).
    """

    option_row: Index
    option_amount: IntArray
    at_row: NDArray[np.int32]
    rank: Index
    movable: IntArray
    chosen: IntArray
    member: NDArray[np.int32]
    member_at: Index
    members: IntArray
    free: IntArray
    rate: Reals
    best: IntArray
    total: IntArray


def suits(view: View) -> bool:
    """Whether every item is a single copy that could go to most rows, every option loads one row at most, and nothing
    needs activating."""
    table = view.item_count.size * view.row_capacity.size
    return bool(
        view.option_cost.size
        and view.activation_cost.size == 0
        and (view.item_count == 1).all()
        and np.diff(view.load_ptr).max() <= 1
        and _DENSE * table <= view.load_row.size
        and table <= _LARGEST_TABLE
    )


def walk_from(view: View, taken: IntArray, rank: Index, price: Reals) -> Walk:
    """A walk that starts at a legal placement; what it leaves unplaced goes to the best-ranked option, room or not.

    Parameters
    ----------
    view : View
        The packing; it must suit.
    taken : int64[O]
        Copies on each live option.
    rank : int32[O]
        From `guide.ranking`.
    price : float64[R]
        Worth of a unit of each row; the first rates.
    """
    items, rows, options = view.item_count.size, view.row_capacity.size, view.option_cost.size
    option_row = np.full(options, -1, dtype=np.int32)
    option_row[view.load_option] = view.load_row
    option_amount = np.zeros(options, dtype=np.int64)
    option_amount[view.load_option] = view.load_amount
    at_row = np.full((items, rows), -1, dtype=np.int32)
    loaded = rank[::-1][option_row[rank[::-1]] >= 0]
    # Of several options on one row the best-ranked is written last.
    at_row[view.option_item[loaded], option_row[loaded]] = loaded
    movable = np.flatnonzero((np.diff(view.item_ptr) > 0) & (view.item_count > 0))
    chosen = np.full(items, -1, dtype=np.int64)
    chosen[movable] = rank[view.item_ptr[movable]]
    placed = np.flatnonzero(taken)
    chosen[view.option_item[placed]] = placed
    walk = Walk(
        option_row=option_row,
        option_amount=option_amount,
        at_row=at_row,
        rank=rank,
        movable=movable,
        chosen=chosen,
        member=np.zeros((rows, items), dtype=np.int32),
        member_at=np.zeros(items, dtype=np.int32),
        members=np.zeros(rows, dtype=np.int64),
        free=view.row_capacity.copy(),
        rate=np.maximum(price, 1e-3 * max(1.0, float(price.max(initial=0.0)))),
        best=chosen.copy(),
        total=np.array([view.option_cost[chosen[movable]].sum(), 0, -1], dtype=np.int64),
    )
    for item in movable:
        row = option_row[chosen[item]]
        if row >= 0:
            walk.member[row, walk.members[row]] = item
            walk.member_at[item] = walk.members[row]
            walk.members[row] += 1
            walk.free[row] -= option_amount[chosen[item]]
    walk.total[1] = int((walk.free < 0).sum())
    if walk.total[1] == 0:
        walk.total[2] = walk.total[0]
    return walk


def best_taken(view: View, walk: Walk) -> IntArray:
    """The cheapest legal choice as copies on each live option, int64[O]; call it only once there is one."""
    taken = np.zeros(view.option_cost.size, dtype=np.int64)
    taken[walk.best[walk.movable]] = 1
    return taken


@inner
def _charge(walk: Walk, row: int, change: int) -> float:
    """What the overload of a row costs more if its load grows by `change`."""
    if row < 0 or change == 0:
        return 0.0
    free = walk.free[row]
    return float(walk.rate[row] * (max(0, change - free) - max(0, -free)))


@inner
def _move(view: View, walk: Walk, item: int, target: int) -> None:
    """Move an item to another of its options."""
    source = walk.chosen[item]
    row = walk.option_row[source]
    if row >= 0:
        before = walk.free[row]
        walk.free[row] += walk.option_amount[source]
        if before < 0 and walk.free[row] >= 0:
            walk.total[1] -= 1
        walk.members[row] -= 1
        last = walk.member[row, walk.members[row]]
        walk.member[row, walk.member_at[item]] = last
        walk.member_at[last] = walk.member_at[item]
    row = walk.option_row[target]
    if row >= 0:
        before = walk.free[row]
        walk.free[row] -= walk.option_amount[target]
        if before >= 0 and walk.free[row] < 0:
            walk.total[1] += 1
        walk.member[row, walk.members[row]] = item
        walk.member_at[item] = walk.members[row]
        walk.members[row] += 1
    walk.total[0] += view.option_cost[target] - view.option_cost[source]
    walk.chosen[item] = target


@kernel
def wander(view: View, walk: Walk, source: NDArray[np.uint64], proposals: int, hot: float, cold: float) -> int:
    """Make `proposals` proposals while the temperature falls from `hot` to `cold` (cost units, geometric).

    Returns
    -------
    int
        How often a cheaper legal choice was found; the last is `walk.best`.
    """
    found = 0
    items = walk.movable.size
    cooling = (cold / hot) ** (1.0 / max(1, proposals))
    warmth = hot
    for count in range(proposals):
        warmth *= cooling
        if count % items == 0:
            for row in range(walk.rate.size):
                walk.rate[row] = max(_LEAST_RATE, walk.rate[row] * (_RISE if walk.free[row] < 0 else _FALL))
        item = walk.movable[int(uniform(source) * items)]
        first = view.item_ptr[item]
        length = view.item_ptr[item + 1] - first
        target = walk.rank[first + int((length + 1.0) ** (uniform(source) ** _FOCUS)) - 1]
        old = walk.chosen[item]
        here, there = walk.option_row[old], walk.option_row[target]
        if target == old:
            continue
        tolerance = -warmth * np.log(1.0 - uniform(source))
        given, asked = walk.option_amount[old], walk.option_amount[target]
        base = float(view.option_cost[target] - view.option_cost[old])
        leave = _charge(walk, here, -given)
        least = base + leave + _charge(walk, there, asked)
        other, way = -1, -1
        if here == there:
            least = base + _charge(walk, here, asked - given)
        elif there >= 0 and walk.members[there] > 0:
            present = walk.members[there]
            looks = min(present, _LOOKS)
            at = int(uniform(source) * present)
            for _ in range(looks):
                at += 1
                if at >= present:
                    at = 0
                guest = walk.member[there, at]
                holds = walk.chosen[guest]
                freed = walk.option_amount[holds]
                stay = base + _charge(walk, there, asked - freed) - view.option_cost[holds]
                if here >= 0:
                    option = walk.at_row[guest, here]
                    if option >= 0:
                        value = stay + view.option_cost[option] + _charge(walk, here, walk.option_amount[option] - given)
                        if value < least:
                            least, other, way = value, guest, option
                stay += leave
                begin = view.item_ptr[guest]
                for near in range(begin, min(begin + _WAYS, view.item_ptr[guest + 1])):
                    option = walk.rank[near]
                    row = walk.option_row[option]
                    if row in (there, here):
                        continue
                    value = stay + view.option_cost[option]
                    if value < least:
                        value += _charge(walk, row, walk.option_amount[option])
                        if value < least:
                            least, other, way = value, guest, option
        if least > tolerance:
            continue
        _move(view, walk, item, target)
        if other >= 0:
            _move(view, walk, other, way)
        if walk.total[1] == 0 and (walk.total[2] < 0 or walk.total[0] < walk.total[2]):
            walk.total[2] = walk.total[0]
            walk.best[:] = walk.chosen
            found += 1
    return found
