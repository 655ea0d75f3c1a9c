# mypy: disallow-untyped-decorators=False
"""Finding room: copies placed one by one on the cheapest legal host that still has some, over all hosts there are.

It makes the first plan of a large space in seconds, and later places what the engines' list had no room for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from solver.pricing import Ints, Market, Tables, cheapest, rooms, sum_tree

#: Hosts that a copy in search of room compares first, and before it gives up.
_FEW, _MANY = 8, 128


@dataclass(frozen=True)
class Filling:
    """Copies that found room: one copy of item `item[i]` as `servers[i]` servers on host `host[i]`."""

    item: Ints
    host: Ints
    servers: Ints


def fill(tables: Tables, market: Market, order: Ints, copies: Ints, penalty: Ints, residual: Ints) -> Filling:
    """Place copies one by one on the legal host that is cheapest at the prices and still has room.

    Parameters
    ----------
    market : Market
        Prices of room made ready (`Space.market`); they steer away from what is scarce.
    order : int64 array
        Items in the order in which they choose; `copies` gives how many copies of each.
    penalty : int64 array of shape (K,)
        No copy is placed where that costs as much as leaving it out.
    residual : int64 array over all rows
        Room that is left; reduced in place.
    """
    out = np.zeros((3, int(copies.sum())), np.int64)
    placed = _fill(tables, market, order, copies, penalty, residual, out)
    return Filling(*out[:, :placed])


@numba.njit(cache=True, nogil=True)
def _fill(t: Tables, m: Market, order: Ints, copies: Ints, penalty: Ints, residual: Ints, out: Ints) -> int:
    up, down, charge, stack = rooms(t, m)
    choice = np.zeros((3, _MANY), np.int64)
    placed, here = 0, -1
    for i in range(len(order)):
        k = order[i]
        if not t.placeable[k]:
            continue
        if t.tree[k] != here:
            here = t.tree[k]
            sum_tree(t, m, here, up, down, charge, stack)
        left, wide = copies[i], _FEW
        while left > 0:
            before = left
            found = cheapest(t, m, k, residual, up, down, charge, choice[:, :wide])
            for c in range(found):
                host, servers = choice[0, c], choice[1, c]
                if _won(t, k, host, servers, charge) >= penalty[k]:
                    continue
                while left > 0 and _load(t, k, host, servers, here, residual):
                    out[0, placed], out[1, placed], out[2, placed] = k, host, servers
                    placed += 1
                    left -= 1
                if left == 0:
                    break
            if left == before:
                if found < wide or wide == _MANY:
                    break
                wide = _MANY
    return placed


@numba.njit(cache=True, nogil=True)
def _won(t: Tables, k: int, h: int, servers: int, charge: Ints) -> int:
    """What one copy of item k costs as `servers` servers on host h, in won a month."""
    n = t.node[h]
    won = servers * t.host_cost[h]
    for q in range(len(t.cost_weight)):
        carried = -(-(t.cost_kbps[q, k] * charge[q, n]) // 1_000_000)
        won += -(-(carried * t.cost_weight[q]) // 1000)
    if t.away_node[k] >= 0 and t.away_node[k] != n:
        won += t.away_cost[k]
    return int(won)


@numba.njit(cache=True, nogil=True)
def _load(t: Tables, k: int, h: int, servers: int, tree: int, residual: Ints) -> bool:
    """Put a copy where it is, if it fits into what is left; whether it did."""
    for commit in range(2):
        for r in range(len(t.host_row)):
            row, amount = t.host_row[r, h], t.host_amount[r, h] * servers
            if row >= 0 and amount > 0:
                if commit:
                    residual[row] -= amount
                elif amount > residual[row]:
                    return False
        for r in range(len(t.item_price_row)):
            row, amount = t.item_price_row[r, k], t.item_amount[r, k]
            if row >= 0 and amount > 0:
                if commit:
                    residual[row] -= amount
                elif amount > residual[row]:
                    return False
        for q in range(len(t.pair_row)):
            if t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0 and t.pair_amount[q, k] > 0:
                row = t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h]
                if commit:
                    residual[row] -= t.pair_amount[q, k]
                elif t.pair_amount[q, k] > residual[row]:
                    return False
        n = t.node[h]
        while t.arc[tree, n] >= 0:
            arc = t.arc[tree, n]
            for q in range(len(t.route_row)):
                there, back = t.route_row[q] + arc, t.route_row[q] + t.arc_reverse[arc]
                if commit:
                    residual[there] -= t.route_up[q, k]
                    residual[back] -= t.route_down[q, k]
                elif t.route_up[q, k] > residual[there] or t.route_down[q, k] > residual[back]:
                    return False
            n = t.tail[t.arc[tree, n]]
    return True
