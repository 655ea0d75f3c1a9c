"""Greedy construction over all hosts: copies placed one after the other on the cheapest legal host with capacity left.

It makes the first plan of a large space in seconds, and later places what the listed options had no capacity left for.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.space.kinds import item_rows
from solver.space.loading import scratch, take
from solver.space.options import Space
from solver.space.parts import side_by_side, stretches
from solver.space.price_tables import PriceTables, enter_tree, route_sums
from solver.space.pricing import Scan, cheapest
from solver.space.tables import Tables

Ints = npt.NDArray[np.int64]

#: Hosts that a copy in search of a place compares first, and before it gives up.
_FEW, _MANY = 4, 128


@dataclass(frozen=True)
class PlacedCopies:
    """Copies with a place: one copy of item `item[i]` as `servers[i]` servers on host `host[i]`."""

    item: Ints
    host: Ints
    servers: Ints

    def __add__(self, more: PlacedCopies) -> PlacedCopies:
        pairs = zip((self.item, self.host, self.servers), (more.item, more.host, more.servers), strict=True)
        return PlacedCopies(*(np.concatenate(pair) for pair in pairs))


def construct(
    space: Space, price_tables: PriceTables, missing: Ints, residual: Ints, likely: Scan | None = None,
    asked: int = 0, executor: Executor | None = None,
) -> PlacedCopies:  # fmt: skip
    """Place missing copies, those first whose items have the fewest options, and among these those first that cost most.

    A class of items, those of about as many options, ends before the next one begins: who may go anywhere must not take
    the capacity of those who may not.

    Parameters
    ----------
    missing : int64 array over items
        How many copies of each to place.

    The rest as in :func:`construct_in_turn`.
    """
    waiting = np.flatnonzero(missing)
    few = np.log2(np.maximum(1, space.at_most[waiting])).astype(np.int64)
    dear = np.zeros(len(waiting), np.int64)
    if likely is not None:
        shown = np.flatnonzero(np.diff(likely.ptr)[waiting])
        dear[shown] = likely.value[likely.ptr[waiting[shown]]]
    order = np.lexsort((space.tables.tree[waiting], -dear, few))
    classes = np.split(waiting[order], np.flatnonzero(np.diff(few[order])) + 1)
    parts = [construct_in_turn(space, price_tables, one, missing[one], residual, likely, asked, executor) for one in classes]
    return sum(parts[1:], parts[0])


def construct_in_turn(
    space: Space, price_tables: PriceTables, order: Ints, copies: Ints, residual: Ints, likely: Scan | None = None,
    asked: int = 0, executor: Executor | None = None,
) -> PlacedCopies:  # fmt: skip
    """Place copies one by one on the legal host that is cheapest at the given prices and has capacity left.

    No copy is placed where that costs more than leaving it out.

    Parameters
    ----------
    price_tables : PriceTables
        Dual values, made ready (`Space.price_tables`); they steer away from what is scarce.
    order : int64 array
        Items in the order in which they choose; ``copies[i]`` copies of ``order[i]``.
    residual : int64 array over all rows
        Capacity left; reduced in place.
    likely : Scan, optional
        What a scan at these prices found for every item, `asked` options each or more. Those are tried first; all hosts are
        searched only for copies that find no place there, by entry node, since the routes from it are summed anew for each.
    executor : Executor, optional
        Goes through the items in parts.
    """
    left, parts = copies.copy(), [np.zeros((3, 0), np.int64)]
    if likely is not None:
        begin, end = likely.ptr[order], likely.ptr[order + 1]

        def take_likely(part: slice) -> Ints:
            out, few = _room_for(left[part]), (likely.host, likely.servers)
            placed = _take_likely(
                space.tables, order[part], left[part], space.penalty, begin[part], end[part], *few, residual, out
            )
            return out[:, :placed]

        parts += side_by_side(executor, take_likely, stretches(np.arange(len(order))))
        # Who was shown fewer hosts than asked for has been shown all of them.
        left[end - begin < asked] = 0
        by_tree = np.argsort(space.tables.tree[order], kind="stable")
        order, left = order[by_tree], left[by_tree]
    full = np.zeros(len(space.hosts), np.int64)

    def search(part: slice) -> Ints:
        out = _room_for(left[part])
        return out[:, : seek(space.tables, price_tables, order[part], left[part], space.penalty, residual, full, out)]

    parts += side_by_side(executor, search, stretches(space.tables.tree[order]))
    return PlacedCopies(*np.concatenate(parts, axis=1))


def _room_for(copies: Ints) -> Ints:
    return np.zeros((3, int(copies.sum())), np.int64)


@kernel
def _take_likely(
    t: Tables, order: Ints, copies: Ints, penalty: Ints, begin: Ints, end: Ints, host: Ints, servers: Ints, residual: Ints,
    out: Ints,
) -> int:  # fmt: skip
    """Place copies on the likely hosts of their items; `copies` is reduced by what is placed."""
    s = scratch(t)
    placed = 0
    for i in range(len(order)):
        k, a, b = order[i], begin[i], end[i]
        got = take(t, k, copies[i], penalty[k], host[a:b], servers[a:b], residual, s, out[:, placed:])
        placed += got
        copies[i] -= got
    return placed


@kernel
def seek(t: Tables, m: PriceTables, order: Ints, copies: Ints, penalty: Ints, residual: Ints, full: Ints, out: Ints) -> int:
    """Place copies on any legal host, cheapest first; `copies` is reduced by what is placed.

    `out` gets it, column by column; returns how many are filled.

    `full`, zeros at first, or nothing, is where hosts found to be full are kept for the rest of the search.
    """
    sums = route_sums(t, m)
    s = scratch(t)
    choice = np.zeros((3, _MANY), np.int64)
    here, placed = -1, 0
    for i in range(len(order)):
        k, wide = order[i], _FEW
        while copies[i] > 0 and (t.placeable[k] or t.stay[k] >= 0) and item_rows.fits(t.item_rows, residual, k):
            if t.tree[k] != here:
                here = t.tree[k]
                enter_tree(t, m, here, sums)
            found = cheapest(t, m, k, residual, full, sums, choice[:, :wide])
            host, servers = choice[0, :found], choice[1, :found]
            got = take(t, k, copies[i], penalty[k], host, servers, residual, s, out[:, placed:])
            placed += got
            copies[i] -= got
            if got == 0:
                if found < wide or wide == _MANY:
                    break
                wide = _MANY
    return placed
