"""What options load: compiled loops that go over the rows of one option after the other.

At national size the loads of all listed options together take most of the memory, so they are worked out from the factors
each time they are wanted, and written out only for the engines.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.compiled import inlined, inner, kernel
from solver.space.kinds import (
    away_cost,
    crowd_cost,
    host_cost,
    host_rows,
    item_rows,
    pair_rows,
    route_cost,
    route_rows,
    stay_cost,
)
from solver.space.reserving import reserve
from solver.space.tables import Tables, host_of, tree_to

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Scratch(NamedTuple):
    """Room for one option: the arcs of its route, and the rows that it loads with their amounts."""

    arc: Ints
    row: Ints
    amount: Ints


@kernel
def scratch(t: Tables) -> Scratch:
    """Room for any option."""
    size = len(t.host_rows.row) + len(t.item_rows.row) + len(t.pair_rows.first) + 2 * len(t.route_rows.first) * t.longest
    return Scratch(np.empty(t.longest, np.int64), np.empty(size, np.int64), np.empty(size, np.int64))


@inlined
def route_to(t: Tables, k: int, place: int, arcs: Ints) -> int:
    """Write the arcs that a copy of item k takes to a place; returns how many there are."""
    length = 0
    if t.regular <= place < len(t.node):
        for e in range(t.stay_ptr[k], t.stay_ptr[k + 1]):
            arcs[length] = t.stay_arc[e]
            length += 1
    else:
        tree, n = tree_to(t, k, place), t.node[host_of(t, place)]
        while t.arc[tree, n] >= 0:
            arcs[length] = t.arc[tree, n]
            length += 1
            n = t.tail[t.arc[tree, n]]
    return length


@inner
def entries(t: Tables, k: int, place: int, servers: int, s: Scratch, routes: bool = True) -> int:
    """Write the rows that one copy of item k loads as `servers` servers at a place, and by how much; returns how many.

    Rows of links are left out unless `routes`: only they take a walk.
    """
    h, row, amount = host_of(t, place), s.row, s.amount
    size = host_rows.entries(t.host_rows, h, servers, row, amount, 0)
    size = item_rows.entries(t.item_rows, k, row, amount, size)
    length = route_to(t, k, place, s.arc) if routes and len(t.route_rows.first) > 0 else 0
    size = route_rows.entries(t.route_rows, k, s.arc, length, t.arc_reverse, row, amount, size)
    return int(pair_rows.entries(t.pair_rows, k, h, row, amount, size))


@inner
def won(t: Tables, k: int, place: int, servers: int, s: Scratch) -> int:
    """What one copy of item k costs as `servers` servers at a place, in money a month."""
    h = host_of(t, place)
    cost = host_cost.cost(t.host_cost, h, servers)
    if len(t.route_cost.weight) > 0:
        cost += route_cost.cost_along(t.route_cost, k, s.arc, route_to(t, k, place, s.arc))
    if t.regular <= place < len(t.node):
        cost += stay_cost.cost(t.stay_cost, k)
    else:
        cost += away_cost.cost(t.away_cost, t.current, t.stay, k, t.node[h])
        if len(t.crowd_cost.cost) > 0:
            cost += crowding(t, k, place, servers, s)
    return int(cost)


@inner
def crowding(t: Tables, k: int, place: int, servers: int, s: Scratch) -> int:
    """What one copy of item k costs for the rows that it loads at a place where it does not stay, in money a month."""
    return int(crowd_cost.cost(t.crowd_cost, k, s.row, entries(t, k, place, servers, s)))


@kernel
def total(t: Tables, item: Ints, place: Ints, servers: Ints) -> int:
    """What options cost together, in money a month."""
    cost, s = 0, scratch(t)
    for i in range(len(item)):
        cost += won(t, item[i], place[i], servers[i], s)
    return cost


@kernel
def add_up(t: Tables, item: Ints, host: Ints, servers: Ints, copies: Ints, load: Ints) -> None:
    """Add to `load` what ``copies[i]`` copies of ``item[i]`` load as ``servers[i]`` servers each on ``host[i]``."""
    s = scratch(t)
    for i in range(len(item)):
        for e in range(entries(t, item[i], host[i], servers[i], s)):
            load[s.row[e]] += s.amount[e] * copies[i]


@kernel
def peaks(
    t: Tables, item: Ints, host: Ints, servers: Ints, count: Ints, capacity: Ints, alone: Bools, begin: int, end: int
) -> Ints:
    """The most that options `begin` to `end` can put on each row: copies times the largest load, item by item.

    Options of one item must stand together, and none of it outside. ``alone[o]`` becomes False for an option that exceeds a
    row's capacity on its own.
    """
    peak, most, last = np.zeros(len(capacity), np.int64), np.zeros(len(capacity), np.int64), np.full(len(capacity), -1)
    s = scratch(t)
    for o in range(begin, end):
        k = item[o]
        for e in range(entries(t, k, host[o], servers[o], s)):
            r, amount = s.row[e], s.amount[e]
            if amount > capacity[r]:
                alone[o] = False
            if last[r] != k:
                last[r], most[r] = k, 0
            if amount > most[r]:
                peak[r] += count[k] * (amount - most[r])
                most[r] = amount
    return peak


@kernel
def counts(
    t: Tables, item: Ints, host: Ints, servers: Ints, number: Ints, routes: bool, count: Ints, begin: int, end: int
) -> None:
    """Write into `count` how many rows with a number each of the options `begin` to `end` loads.

    `routes` says whether links have numbers, here and in `write`.
    """
    s = scratch(t)
    for o in range(begin, end):
        count[o] = 0
        for e in range(entries(t, item[o], host[o], servers[o], s, routes)):
            count[o] += number[s.row[e]] >= 0


@kernel
def write(
    t: Tables, item: Ints, host: Ints, servers: Ints, number: Ints, routes: bool, ptr: Ints, out_row: Ints, out_amount: Ints,
    begin: int, end: int,
) -> None:  # fmt: skip
    """Write the loads of options `begin` to `end` on rows with a number: of option o from ``ptr[o]`` on."""
    s = scratch(t)
    for o in range(begin, end):
        at = ptr[o]
        for e in range(entries(t, item[o], host[o], servers[o], s, routes)):
            if number[s.row[e]] >= 0:
                out_row[at], out_amount[at] = number[s.row[e]], s.amount[e]
                at += 1


@kernel
def costs(t: Tables, item: Ints, host: Ints, servers: Ints, cost: Ints, begin: int, end: int) -> None:
    """Write the costs of options `begin` to `end`."""
    s = scratch(t)
    for o in range(begin, end):
        cost[o] = won(t, item[o], host[o], servers[o], s)


@kernel
def merge(
    old: Bools, old_ptr: Ints, old_row: Ints, old_amount: Ints, also_ptr: Ints, also_row: Ints, also_amount: Ints,
    new_ptr: Ints, new_row: Ints, new_amount: Ints, ptr: Ints, row: Ints, amount: Ints,
) -> None:  # fmt: skip
    """Write the loads of two lists of options into one.

    ``old[o]`` says whether option o of the result is the next of the old list, whose loads stand in two parts, or the next
    of the new one.
    """
    size, next_old, next_new = 0, 0, 0
    for o in range(len(old)):
        if old[o]:
            for e in range(old_ptr[next_old], old_ptr[next_old + 1]):
                row[size], amount[size] = old_row[e], old_amount[e]
                size += 1
            for e in range(also_ptr[next_old], also_ptr[next_old + 1]):
                row[size], amount[size] = also_row[e], also_amount[e]
                size += 1
            next_old += 1
        else:
            for e in range(new_ptr[next_new], new_ptr[next_new + 1]):
                row[size], amount[size] = new_row[e], new_amount[e]
                size += 1
            next_new += 1
        ptr[o + 1] = size


@kernel
def take(
    t: Tables, k: int, copies: int, penalty: int, host: Ints, servers: Ints, residual: Ints, s: Scratch, out: Ints
) -> int:  # fmt: skip
    """Place up to `copies` copies of item k, each on the first of `host` with capacity left, as so many `servers` there.

    What is placed is written into the columns of `out` (item, host, servers) and taken off `residual`; returns how many. No
    copy is placed where that costs more than its `penalty`. Several threads may do so at once, each with scratch of its own.
    """
    placed = 0
    for o in range(len(host)):
        if placed == copies:
            break
        if won(t, k, host[o], servers[o], s) > penalty:
            continue
        size = entries(t, k, host[o], servers[o], s)
        while placed < copies and reserve(residual, s.row, s.amount, size):
            out[0, placed], out[1, placed], out[2, placed] = k, host[o], servers[o]
            placed += 1
    return placed
