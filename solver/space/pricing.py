"""Compiled loops over items and hosts: the cheapest legal options at given prices.

Nothing here knows a rule. :class:`~solver.space.tables.Tables` is the compiled form of the factors that rules return.

An item has thousands of legal hosts, and its cheapest few are wanted. Hosts of one profile form a lane, and those of a
lane whose nodes lie in one region form a block. Regions are looked at from the nearest to the farthest. What the least
number of servers costs on the cheapest host of a block, and the cheapest way into the region, bound the values in a
block from below: most blocks are passed over whole, and in the others hosts are visited by rising price of a server, until
that bound passes what is already kept.

A *place* is a host together with the way there, or where an item that runs stays as it is. Places are numbered: first the
hosts over the fastest way, then where items stay, then the hosts once more for each further variant of the ways.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.compiled import inner, kernel, number
from solver.facts.routes import UNREACHABLE_US, sum_to
from solver.space.market import Market, Ways, enter_tree, rooms
from solver.space.parts import side_by_side, stretches
from solver.space.sizing import first_within
from solver.space.tables import Tables, crowding

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

#: A little less than one, so that a lower bound worked out in floating point stays one.
_SHY = 1 - 1e-9


@dataclass(frozen=True)
class Options:
    """Chosen options, grouped by item: those of item k are ``ptr[k]:ptr[k + 1]``.

    Option o is `servers[o]` servers at place `host[o]`.
    """

    ptr: Ints
    host: Ints
    servers: Ints

    def __len__(self) -> int:
        return len(self.host)

    @property
    def item(self) -> Ints:
        """Item of each option."""
        return np.repeat(np.arange(len(self.ptr) - 1, dtype=np.int64), np.diff(self.ptr))

    def only(self, which: Bools) -> Options:
        """Those options for which `which` holds."""
        ptr = np.concatenate(([0], np.cumsum(which)))[self.ptr].astype(np.int64)
        return Options(ptr, self.host[which], self.servers[which])


@dataclass(frozen=True)
class Scan(Options):
    """The options of each item that a scan found cheapest, in order; `value` is each one's price in 1/scale of a unit."""

    value: Ints


def scan(tables: Tables, market: Market, room: Ints, residual: Ints | None, executor: Executor | None) -> Scan:
    """Find the cheapest ``room[k]`` legal options of each item k at a market's prices.

    Hosts without enough `residual` on their own rows are passed over, and so are items without enough on theirs. `executor`
    goes through the items in parts; threads do, as the loop releases the interpreter lock.
    """
    ptr = np.concatenate(([0], np.cumsum(room))).astype(np.int64)
    out = np.zeros((3, int(ptr[-1])), np.int64)
    found = np.zeros(len(tables.tree), np.int64)
    left = np.zeros(0, np.int64) if residual is None else residual
    order = np.argsort(tables.tree, kind="stable")
    order = order[room[order] > 0]
    # Whole trees stay in one part, so that the prices along a tree are summed once.
    parts = [order[part] for part in stretches(tables.tree[order])]
    side_by_side(executor, lambda part: _scan(tables, market, part, left, ptr, out, found), parts)
    keep = np.arange(out.shape[1]) - np.repeat(ptr[:-1], room) < np.repeat(found, room)
    # One memory layout, whatever is kept: loops are compiled anew for each.
    host, servers, value = np.ascontiguousarray(out[:, keep])
    return Scan(np.concatenate(([0], np.cumsum(found))).astype(np.int64), host, servers, value)


@kernel
def _scan(t: Tables, m: Market, part: Ints, residual: Ints, ptr: Ints, out: Ints, found: Ints) -> None:
    ways = rooms(t, m)
    here = -1
    for i in range(len(part)):
        k = part[i]
        if (t.placeable[k] or t.stay[k] >= 0) and enters(t, k, residual):
            if t.tree[k] != here:
                here = t.tree[k]
                enter_tree(t, m, here, ways)
            found[k] = cheapest(t, m, k, residual, residual[:0], ways, out[:, ptr[k] : ptr[k + 1]])


@kernel
def enters(t: Tables, k: int, residual: Ints) -> bool:
    """Whether the rows that every option of item k loads have room; they do where `residual` is empty."""
    if len(residual) > 0:
        for q in range(len(t.item_price_row)):
            if t.item_price_row[q, k] >= 0 and t.item_amount[q, k] > residual[t.item_price_row[q, k]]:
                return False
    return True


@kernel
def cheapest(t: Tables, m: Market, k: int, residual: Ints, full: Ints, ways: Ways, out: Ints) -> int:
    """Write the cheapest legal places of item k into the columns of `out` (place, servers, value), cheapest first.

    Returns how many there are. Places without room in `residual` are passed over, unless it is empty. Unless `full` is
    empty, it is where hosts without enough room are noted: ``full[i]`` is how many from the i-th to be visited on have no
    room for a single server, and ``-full[i]`` for how many servers the i-th has room. Whoever calls keeps it while room only
    shrinks.
    """
    kept = 0
    if t.stay[k] >= 0 and out.shape[1] > 0 and stay_fits(t, k, residual):
        out[0, 0], out[1, 0], out[2, 0] = t.stay[k], t.stay_servers[k], value_of_staying(t, m, k)
        kept = 1
    if t.placeable[k]:
        for v in range(t.variant.shape[1]):
            if t.variant[t.tree[k], v] < 0:
                break
            kept = _cheapest_over(t, m, k, v, residual, full, ways, out, kept)
    return kept


@kernel
def stay_fits(t: Tables, k: int, residual: Ints) -> bool:
    """Whether the place where item k stays has room for it on its own rows; it has where `residual` is empty."""
    return bool(_fitting(t.host_row, t.host_amount, residual, t.stay[k], t.stay_servers[k]) == t.stay_servers[k])


@kernel
def value_of_staying(t: Tables, m: Market, k: int) -> int:
    """What it costs and is worth, in 1/scale of a unit, that a copy of item k stays as it is."""
    h, summed = t.stay[k], m.arc.shape[1]
    along = np.zeros((1, summed), np.int64)
    for e in range(t.stay_ptr[k], t.stay_ptr[k + 1]):
        for q in range(summed):
            along[0, q] += m.arc[t.stay_arc[e], q]
    won = t.stay_cost[k] + _charged(t.cost_ptr, t.cost_kbps, t.cost_weight, k, along, number(0), m.flows)
    value = m.item[k] + t.stay_servers[k] * m.place[h] + m.scale * won
    value += _flowing(t.route_up, t.route_down, k, along, number(0), m.flows)
    return int(value + _paired(t.pair_row, t.pair_base, t.pair_slot, t.pair_amount, m.row, k, h))


@kernel
def _cheapest_over(
    t: Tables, m: Market, k: int, variant: int, residual: Ints, full: Ints, ways: Ways, out: Ints, kept: int
) -> int:
    """Add what is cheaper over one variant of the ways to the `kept` places of `cheapest`; returns how many there are.

    One long loop on purpose. For each call of a kernel the tables, some fifty arrays, are copied: a kernel for each block
    took six times as long, and functions for each term half as long again. The terms are those of `_flowing`, `_charged`,
    `_paired` and `_fitting`, which say the same of a single place.
    """
    tree, room = t.variant[t.tree[k], variant], out.shape[1]
    opened, way_us = t.open_node[t.group[k]], t.way_us[tree]
    bound, bound_to, away, away_cost = t.bound[k], t.bound_to[k], t.away_node[k], t.away_cost[k]
    home = t.stay_home[k] if t.stay_variant[k] == variant else -1
    first_place = 0 if variant == 0 else len(t.node) + (variant - 1) * t.regular
    time_left, item_value, scale = t.time_left[k], m.item[k], m.scale
    visit, server, node_of, most = m.visit, m.server, m.node, t.most
    total, fresh, low, nearest = ways.total[variant], ways.fresh[variant], m.low[tree], t.nearest[tree]
    # Charges for the way are rounded up twice, which takes divisions; most hosts are passed over by this lower bound.
    streams = len(t.cost_kbps)
    a_stream = np.zeros(streams)
    for q in range(len(t.cost_weight)):
        for c in range(t.cost_ptr[q], t.cost_ptr[q + 1]):
            a_stream[c] = scale * t.cost_kbps[c, k] * t.cost_weight[q] / 1e9
    charges, flows, pairs, checks = len(t.cost_weight), m.flows, len(t.pair_row), len(t.host_row)
    toll = 2 * flows  # the first charge among what is summed
    if len(m.row) == 0:
        pairs = 0
    if len(residual) == 0:
        checks = 0
    size_need, skips = t.size_need, len(full) > 0
    first_lane, last_lane = t.model_lane[t.model[k]], t.model_lane[t.model[k] + 1]
    regions = len(nearest)
    for region in t.inward[tree]:
        if nearest[region] == UNREACHABLE_US:
            break
        # No host of the region has more time, or a cheaper way.
        most_left = time_left - nearest[region]
        low_way = float(item_value)
        for q in range(flows):
            low_way += t.route_up[q, k] * low[region, q] + t.route_down[q, k] * low[region, flows + q]
        for c in range(streams):
            low_way += a_stream[c] * low[region, toll + c]
        for lane in range(first_lane, last_lane):
            table = t.pair[k] + lane - first_lane
            begin, end = m.block[lane * regions + region], m.block[lane * regions + region + 1]
            low_end, high_end = t.size_ptr[table], t.size_ptr[table + 1]
            if begin == end or low_end == high_end:
                continue
            least, least_need, quickest = t.size_least[table], size_need[low_end], size_need[high_end - 1]
            if quickest > most_left:
                continue
            if kept == room and _SHY * (low_way + least * server[begin]) >= out[2, room - 1]:
                continue
            fewest = least + first_within(size_need, low_end, high_end, most_left) - low_end
            i = begin - 1
            while i + 1 < end:
                i += 1
                if skips:
                    while i < end and full[i] > 0:
                        i += full[i]
                    if i == end:
                        break
                    if full[i] < 0 and least > -full[i]:
                        continue
                if kept == room and _SHY * (low_way + fewest * server[i]) >= out[2, room - 1]:
                    break
                n = node_of[i]
                if not opened[n] or (bound and bound_to != n) or way_us[n] == UNREACHABLE_US:
                    continue
                left = time_left - way_us[n]
                if quickest > left:
                    continue
                h = visit[i]
                if not fresh[n]:
                    sum_to(t.arc[tree], t.tail, n, m.arc, total, fresh, ways.stack)
                value = item_value + least * server[i]
                for q in range(flows):
                    value += t.route_up[q, k] * total[n, q] + t.route_down[q, k] * total[n, flows + q]
                if kept == room:
                    low_value = float(value + server[i] if least_need > left else value)
                    for c in range(streams):
                        low_value += a_stream[c] * total[n, toll + c]
                    if _SHY * low_value >= out[2, room - 1]:
                        continue
                for q in range(charges):
                    stream = np.int64(0)
                    for c in range(t.cost_ptr[q], t.cost_ptr[q + 1]):
                        stream += t.cost_kbps[c, k] * total[n, toll + c]
                    carried = -(-stream // 1_000_000)
                    value += scale * -(-(carried * t.cost_weight[q]) // 1000)
                if away >= 0 and (away != n or t.stay[k] >= 0):
                    value += scale * away_cost
                if kept == room and value + (server[i] if least_need > left else 0) >= out[2, room - 1]:
                    continue
                servers = least + first_within(size_need, low_end, high_end, left) - low_end
                if servers > most[h] or (h == home and servers == t.stay_servers[k]):
                    continue
                value += (servers - least) * server[i]
                for q in range(pairs):
                    if t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0:
                        value += t.pair_amount[q, k] * m.row[t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h]]
                if len(t.crowd_cost) > 0:
                    value += scale * crowding(t, k, h, tree)
                if kept == room and value >= out[2, room - 1]:
                    continue
                fits = servers
                for q in range(checks):
                    row = t.host_row[q, h]
                    if row >= 0 and t.host_amount[q, h] * fits > residual[row]:
                        fits = residual[row] // t.host_amount[q, h]
                if fits < servers:
                    if skips:
                        full[i] = -fits if fits > 0 else 1 + (max(0, full[i + 1]) if i + 1 < end else 0)
                    continue
                kept = _insert(out, kept, first_place + h, servers, value)
    return kept


@inner
def _flowing(up: Ints, down: Ints, k: int, total: Ints, n: int, flows: int) -> int:
    """What the streams of item k are worth along a way, in 1/scale of a unit; row n of `total` is what it sums up."""
    value = 0
    for q in range(flows):
        value += up[q, k] * total[n, q] + down[q, k] * total[n, flows + q]
    return value


@inner
def _charged(ptr: Ints, kbps: Ints, weight: Ints, k: int, total: Ints, n: int, flows: int) -> int:
    """What item k pays for a way, in money a month, each charge rounded up; row n of `total` is what is summed along it."""
    won = 0
    for q in range(len(weight)):
        streams = np.int64(0)
        for c in range(ptr[q], ptr[q + 1]):
            streams += kbps[c, k] * total[n, 2 * flows + c]
        carried = -(-streams // 1_000_000)
        won += -(-(carried * weight[q]) // 1000)
    return won


@inner
def _paired(row: Ints, base: Ints, slot: Ints, amount: Ints, price: Ints, k: int, h: int) -> int:
    """What item k is worth on the rows where its group meets host h's domain, in 1/scale of a unit."""
    value = 0
    if len(price) > 0:
        for q in range(len(row)):
            if base[q, k] >= 0 and slot[q, h] >= 0:
                value += amount[q, k] * price[row[q] + base[q, k] + slot[q, h]]
    return value


@inner
def _fitting(row: Ints, amount: Ints, residual: Ints, h: int, servers: int) -> int:
    """How many of so many servers host h has room for; all where `residual` is empty."""
    if len(residual) > 0:
        for q in range(len(row)):
            if row[q, h] >= 0 and amount[q, h] * servers > residual[row[q, h]]:
                servers = residual[row[q, h]] // amount[q, h]
    return servers


@inner
def _insert(out: Ints, kept: int, place: int, servers: int, value: int) -> int:
    """Put a place among the `kept` cheapest, the dearest going where there is no room; returns how many there are."""
    if kept < out.shape[1]:
        kept += 1
    position = kept - 1
    while position > 0 and out[2, position - 1] > value:
        for column in range(3):
            out[column, position] = out[column, position - 1]
        position -= 1
    out[0, position], out[1, position], out[2, position] = place, servers, value
    return kept
