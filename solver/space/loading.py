"""What options load: compiled loops that go over the rows of one option after the other.

At national size the loads of all listed options together take most of the memory, so they are worked out from the factors
each time they are wanted, and written out only for the engines.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.space.reserving import reserve
from solver.space.tables import Tables, crowding, host_of, tree_to

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@kernel
def most_entries(t: Tables) -> int:
    """Room for the loads of any one option."""
    return int(len(t.host_row) + len(t.item_price_row) + len(t.pair_row) + 2 * len(t.route_row) * longest_way(t))


@kernel
def longest_way(t: Tables) -> int:
    """An upper limit on the links that any option's traffic takes."""
    longest = t.way_us.shape[1]
    for k in range(len(t.stay_ptr) - 1):
        longest = max(longest, t.stay_ptr[k + 1] - t.stay_ptr[k])
    return int(longest)


@kernel
def entries(t: Tables, k: int, place: int, servers: int, row: Ints, amount: Ints, ways: bool = True) -> int:
    """Write the rows that one copy of item k loads as `servers` servers at a place, and by how much; returns how many.

    Rows of links are left out unless `ways`: only they take a walk.
    """
    size, h, stays = 0, host_of(t, place), t.regular <= place < len(t.node)
    for q in range(len(t.host_row)):
        if t.host_row[q, h] >= 0 and t.host_amount[q, h] * servers > 0:
            row[size], amount[size] = t.host_row[q, h], t.host_amount[q, h] * servers
            size += 1
    for q in range(len(t.item_price_row)):
        if t.item_price_row[q, k] >= 0 and t.item_amount[q, k] > 0:
            row[size], amount[size] = t.item_price_row[q, k], t.item_amount[q, k]
            size += 1
    for q in range(len(t.route_row)):
        up, down, n = t.route_up[q, k], t.route_down[q, k], t.node[h]
        tree, step = (0, t.stay_ptr[k]) if stays else (tree_to(t, k, place), 0)
        while ways and (step < t.stay_ptr[k + 1] if stays else t.arc[tree, n] >= 0):
            arc = t.stay_arc[step] if stays else t.arc[tree, n]
            step += 1
            if up > 0:
                row[size], amount[size] = t.route_row[q] + arc, up
                size += 1
            if down > 0:
                row[size], amount[size] = t.route_row[q] + t.arc_reverse[arc], down
                size += 1
            n = t.tail[arc]
    for q in range(len(t.pair_row)):
        if t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0 and t.pair_amount[q, k] > 0:
            row[size], amount[size] = t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h], t.pair_amount[q, k]
            size += 1
    return size


@kernel
def won(t: Tables, k: int, place: int, servers: int) -> int:
    """What one copy of item k costs as `servers` servers at a place, in money a month."""
    h, stays = host_of(t, place), t.regular <= place < len(t.node)
    cost = servers * t.host_cost[h]
    for q in range(len(t.cost_weight)):
        streams = np.int64(0)
        for c in range(t.cost_ptr[q], t.cost_ptr[q + 1]):
            per_gbps, n = np.int64(0), t.node[h]
            if stays:
                for e in range(t.stay_ptr[k], t.stay_ptr[k + 1]):
                    per_gbps += t.cost_arc[c, t.stay_arc[e]]
            else:
                tree = tree_to(t, k, place)
                while t.arc[tree, n] >= 0:
                    per_gbps += t.cost_arc[c, t.arc[tree, n]]
                    n = t.tail[t.arc[tree, n]]
            streams += t.cost_kbps[c, k] * per_gbps
        carried = -(-streams // 1_000_000)
        cost += -(-(carried * t.cost_weight[q]) // 1000)
    if stays:
        cost += t.stay_cost[k]
    else:
        if t.away_node[k] >= 0 and (t.away_node[k] != t.node[h] or t.stay[k] >= 0):
            cost += t.away_cost[k]
        if len(t.crowd_cost) > 0:
            cost += crowding(t, k, h, tree_to(t, k, place))
    return int(cost)


@kernel
def total(t: Tables, item: Ints, place: Ints, servers: Ints) -> int:
    """What options cost together, in money a month."""
    cost = 0
    for i in range(len(item)):
        cost += won(t, item[i], place[i], servers[i])
    return cost


@kernel
def add_up(t: Tables, item: Ints, host: Ints, servers: Ints, copies: Ints, load: Ints) -> None:
    """Add to `load` what ``copies[i]`` copies of ``item[i]`` load as ``servers[i]`` servers each on ``host[i]``."""
    row, amount = np.empty(most_entries(t), np.int64), np.empty(most_entries(t), np.int64)
    for i in range(len(item)):
        for e in range(entries(t, item[i], host[i], servers[i], row, amount)):
            load[row[e]] += amount[e] * copies[i]


@kernel
def peaks(
    t: Tables, item: Ints, host: Ints, servers: Ints, count: Ints, capacity: Ints, alone: Bools, begin: int, end: int
) -> Ints:
    """The most that options `begin` to `end` can put on each row: copies times the largest load, item by item.

    Options of one item must stand together, and none of it outside. ``alone[o]`` becomes False for an option that exceeds a
    row's capacity on its own.
    """
    peak, most, last = np.zeros(len(capacity), np.int64), np.zeros(len(capacity), np.int64), np.full(len(capacity), -1)
    row, amount = np.empty(most_entries(t), np.int64), np.empty(most_entries(t), np.int64)
    for o in range(begin, end):
        k = item[o]
        for e in range(entries(t, k, host[o], servers[o], row, amount)):
            r = row[e]
            if amount[e] > capacity[r]:
                alone[o] = False
            if last[r] != k:
                last[r], most[r] = k, 0
            if amount[e] > most[r]:
                peak[r] += count[k] * (amount[e] - most[r])
                most[r] = amount[e]
    return peak


@kernel
def counts(
    t: Tables, item: Ints, host: Ints, servers: Ints, number: Ints, ways: bool, count: Ints, begin: int, end: int
) -> None:
    """Write into `count` how many rows with a number each of the options `begin` to `end` loads.

    `ways` says whether links have numbers, here and in `write`.
    """
    row, amount = np.empty(most_entries(t), np.int64), np.empty(most_entries(t), np.int64)
    for o in range(begin, end):
        count[o] = 0
        for e in range(entries(t, item[o], host[o], servers[o], row, amount, ways)):
            count[o] += number[row[e]] >= 0


@kernel
def write(
    t: Tables, item: Ints, host: Ints, servers: Ints, number: Ints, ways: bool, ptr: Ints, out_row: Ints, out_amount: Ints,
    begin: int, end: int,
) -> None:  # fmt: skip
    """Write the loads of options `begin` to `end` on rows with a number: of option o from ``ptr[o]`` on."""
    row, amount = np.empty(most_entries(t), np.int64), np.empty(most_entries(t), np.int64)
    for o in range(begin, end):
        at = ptr[o]
        for e in range(entries(t, item[o], host[o], servers[o], row, amount, ways)):
            if number[row[e]] >= 0:
                out_row[at], out_amount[at] = number[row[e]], amount[e]
                at += 1


@kernel
def costs(t: Tables, item: Ints, host: Ints, servers: Ints, cost: Ints, begin: int, end: int) -> None:
    """Write the costs of options `begin` to `end`."""
    for o in range(begin, end):
        cost[o] = won(t, item[o], host[o], servers[o])


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
    t: Tables, k: int, copies: int, penalty: int, host: Ints, servers: Ints, residual: Ints, row: Ints, amount: Ints,
    out: Ints,
) -> int:  # fmt: skip
    """Place up to `copies` copies of item k, each on the first of `host` that has room, as so many `servers` there.

    What is placed is written into the columns of `out` (item, host, servers) and taken off `residual`; returns how many. No
    copy is placed where that costs more than its `penalty`. `row` and `amount` are room for one option's entries. Several
    threads may do so at once.
    """
    placed = 0
    for o in range(len(host)):
        if placed == copies:
            break
        if won(t, k, host[o], servers[o]) > penalty:
            continue
        size = entries(t, k, host[o], servers[o], row, amount)
        while placed < copies and reserve(residual, row, amount, size):
            out[0, placed], out[1, placed], out[2, placed] = k, host[o], servers[o]
            placed += 1
    return placed
