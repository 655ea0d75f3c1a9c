# mypy: disallow-untyped-decorators=False
"""Compiled loops over items and hosts: the cheapest legal options at given prices, and writing loads out.

Nothing here knows a rule. :class:`Tables` is the compiled form of the factors that rules return.

An item has thousands of legal hosts, and its cheapest few are wanted. Hosts of one profile form a lane, and those of a
lane whose nodes lie in one region form a block. Regions are looked at from the nearest to the farthest. What the least
number of servers costs on the cheapest host of a block, and the cheapest way into the region, bound the values in a
block from below: most blocks are passed over whole, and in the others hosts are visited by rising price of a server, until
that bound passes what is already kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from solver.routes import UNREACHABLE_US, sum_to
from solver.sizing import fewest_servers, first_within

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Reals32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
P = TypeVar("P")
R = TypeVar("R")


class Tables(NamedTuple):
    """Factors as arrays: K items, H hosts, N nodes, T trees, 2L arcs; leading axes count factors of one kind."""

    tree: Ints  # [K] tree of each item's ways
    placeable: Bools  # [K]
    group: Ints  # [K] row of open_node
    open_node: Bools  # [groups, N]
    model: Ints  # [K]
    bound: Bools  # [K] may use node `stay` only
    stay: Ints  # [K]
    time_left: Ints  # [K] us for transport, service and waiting
    pair: Ints  # [K] size table of the item's load on the first lane of its model
    item_price_row: Ints  # [., K] rows loaded by every option of an item, -1 none
    item_amount: Ints  # [., K]
    model_lane: Ints  # [models + 1] lanes of each model
    lane: Ints  # [lanes + 1] hosts of each lane
    node: Ints  # [H]
    region: Ints  # [N] region of each node, of G
    nearest: Ints32  # [T, G] us one way to the nearest node of each region, UNREACHABLE_US where none is within reach
    inward: Ints32  # [T, G] regions, nearest first
    most: Ints  # [H] servers that fit the empty node
    host_cost: Ints  # [H] won a server
    host_row: Ints  # [., H] rows loaded by each server, -1 none
    host_amount: Ints  # [., H]
    size_ptr: Ints
    size_least: Ints
    size_need: Ints
    one_way_us: Ints32  # [T, N]
    arc: Ints32  # [T, N]
    tail: Ints  # [2L]
    arc_reverse: Ints  # [2L] the same link the other way
    route_row: Ints  # [.] first of the 2L rows of each route factor
    route_up: Ints  # [., K]
    route_down: Ints  # [., K]
    cost_kbps: Ints  # [., K]
    cost_arc: Ints  # [., 2L] won a Gbit/s and month
    cost_weight: Ints  # [.] thousandths
    pair_row: Ints  # [.] first row of each pair factor
    pair_base: Ints  # [., K]
    pair_slot: Ints  # [., H]
    pair_amount: Ints  # [., K]
    away_node: Ints  # [K]
    away_cost: Ints  # [K]


#: Parts that a loop over all items or options is cut into, for threads to share.
PARTS = 16

#: A little less than one, so that a lower bound worked out in floating point stays one: in 64 bits, and kept in 32.
_SHY, _SHY32 = 1 - 1e-9, 1 - 1e-6


@dataclass(frozen=True)
class Options:
    """Chosen options, grouped by item: those of item k are ``ptr[k]:ptr[k + 1]``.

    Option o is `servers[o]` servers on host `host[o]`.
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
    """The options of each item that a scan found cheapest, in order; `value` is each one's price in 1/scale won."""

    value: Ints


class Market(NamedTuple):
    """Prices made ready for the loops, and what these have found out about them."""

    scale: int
    visit: Ints  # [H] hosts: lane by lane, region by region, from the lowest price of a server to the highest
    block: Ints  # [lanes * regions + 1] where the hosts of each lane in each region begin
    server: Ints  # [H] cost and worth of one server of the host visited then
    node: Ints32  # [H] its node
    item: Ints  # [K] worth of what every option of an item loads
    arc: Ints  # [2L, P] what is summed along ways (see `Ways`), on each arc
    flows: int  # flows that have prices: none where no link is scarce
    row: Ints  # [rows] or empty
    low: Reals32  # [T, G, P] not more than the least that is summed along a way of each tree into each region
    known: Bools  # [T] trees that `low` is known of


class Ways(NamedTuple):
    """What is summed along the ways of one tree: worked out for all nodes, or for those that are asked for.

    Each of the P things that are summed is a column: for each flow the price of a kbit/s towards the node, for each the
    price of one back, and the charges.
    """

    total: Ints  # [N, P] where `fresh`
    fresh: Bools  # [N]
    stack: Ints  # [N] room for work


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


def stretches(rising: Ints) -> list[slice]:
    """About `PARTS` stretches of about the same length, for threads to share; equal values stay together."""
    at = np.linspace(0, len(rising), PARTS, endpoint=False).astype(np.int64)[: len(rising)]
    cuts = np.unique(np.searchsorted(rising, rising[at])).tolist()
    return [slice(a, b) for a, b in pairwise([*cuts, len(rising)])]


def side_by_side(executor: Executor | None, work: Callable[[P], R], parts: Iterable[P]) -> list[R]:
    """The work on each part, in order: done by the executor, or one after the other where there is none."""
    return list(map(work, parts) if executor is None else executor.map(work, parts))


def market_of(tables: Tables, prices: Ints | None, scale: int) -> Market:
    """Make prices (of a unit of load on each row, in 1/scale won; None for zeros) ready for the loops."""
    server, item = tables.host_cost * scale, np.zeros(len(tables.tree), np.int64)
    arcs, back = len(tables.arc_reverse), tables.arc_reverse
    flows = [] if prices is None else [prices[first : first + arcs] for first in tables.route_row.tolist()]
    if not any(price.any() for price in flows):
        flows = []
    if prices is not None:
        for rows, amounts, worth in (
            (tables.host_row, tables.host_amount, server),
            (tables.item_price_row, tables.item_amount, item),
        ):
            for row, amount in zip(rows, amounts, strict=True):
                worth += np.where(row < 0, 0, prices[np.maximum(row, 0)] * amount)
    trees, regions = tables.nearest.shape
    lane_of = np.repeat(np.arange(len(tables.lane) - 1), np.diff(tables.lane))
    block_of = lane_of * regions + tables.region[tables.node]
    visit = np.lexsort((server, block_of)).astype(np.int64)
    block = np.searchsorted(block_of[visit], np.arange((len(tables.lane) - 1) * regions + 1)).astype(np.int64)
    node = tables.node[visit].astype(np.int32)
    summed = [*flows, *(price[back] for price in flows), *tables.cost_arc]
    arc = np.stack(summed, axis=1) if summed else np.zeros((arcs, 0), np.int64)
    row = np.zeros(0, np.int64) if prices is None else prices
    low, known = np.zeros((trees, regions, arc.shape[1]), np.float32), np.zeros(trees, np.bool_)
    return Market(scale, visit, block, server[visit], node, item, arc, len(flows), row, low, known)


@numba.njit(cache=True, nogil=True)
def _scan(t: Tables, m: Market, part: Ints, residual: Ints, ptr: Ints, out: Ints, found: Ints) -> None:
    ways = rooms(t, m)
    here = -1
    for i in range(len(part)):
        k = part[i]
        if t.placeable[k] and enters(t, k, residual):
            if t.tree[k] != here:
                here = t.tree[k]
                enter_tree(t, m, here, ways)
            found[k] = cheapest(t, m, k, residual, residual[:0], ways, out[:, ptr[k] : ptr[k + 1]])


@numba.njit(cache=True, nogil=True)
def enters(t: Tables, k: int, residual: Ints) -> bool:
    """Whether the rows that every option of item k loads have room; they do where `residual` is empty."""
    if len(residual) > 0:
        for q in range(len(t.item_price_row)):
            if t.item_price_row[q, k] >= 0 and t.item_amount[q, k] > residual[t.item_price_row[q, k]]:
                return False
    return True


@numba.njit(cache=True, nogil=True)
def rooms(t: Tables, m: Market) -> Ways:
    """Room for what is summed along a tree."""
    nodes = t.one_way_us.shape[1]
    return Ways(np.zeros((nodes, m.arc.shape[1]), np.int64), np.zeros(nodes, np.bool_), np.zeros(nodes, np.int64))


@numba.njit(cache=True, nogil=True)
def enter_tree(t: Tables, m: Market, tree: int, ways: Ways) -> None:
    """Turn to another tree: the first time, sum along all its ways and note the least of it in each region.

    Whoever comes again at the same prices looks at few nodes; sums are left to be worked out where they are asked for.
    """
    summed, total, region = m.arc.shape[1], ways.total, t.region
    ways.fresh.fill(summed == 0)
    if m.known[tree]:
        return
    low = np.full((t.nearest.shape[1], summed), np.iinfo(np.int64).max)
    for n in range(len(region)):
        if t.one_way_us[tree, n] != UNREACHABLE_US:
            sum_to(t.arc[tree], t.tail, n, m.arc, total, ways.fresh, ways.stack)
            for q in range(summed):
                if total[n, q] < low[region[n], q]:
                    low[region[n], q] = total[n, q]
    m.low[tree] = low * _SHY32
    m.known[tree] = True


@numba.njit(cache=True, nogil=True)
def cheapest(t: Tables, m: Market, k: int, residual: Ints, full: Ints, ways: Ways, out: Ints) -> int:
    """Write the cheapest legal hosts of item k into the columns of `out` (host, servers, value), cheapest first.

    Returns how many there are. Hosts without room in `residual` are passed over, unless it is empty. Unless `full` is empty,
    it is where hosts without enough room are noted: ``full[i]`` is how many from the i-th to be visited on have no room for
    a single server, and ``-full[i]`` for how many servers the i-th has room. Whoever calls keeps it while room only shrinks.
    """
    tree, room = t.tree[k], out.shape[1]
    opened, one_way = t.open_node[t.group[k]], t.one_way_us[tree]
    bound, stay, away, away_cost = t.bound[k], t.stay[k], t.away_node[k], t.away_cost[k]
    time_left, item_value, scale = t.time_left[k], m.item[k], m.scale
    visit, server, node_of, most = m.visit, m.server, m.node, t.most
    total, fresh, low, nearest = ways.total, ways.fresh, m.low[tree], t.nearest[tree]
    # Charges for the way are rounded up twice, which takes divisions; most hosts are passed over by this lower bound.
    a_charge = np.zeros(len(t.cost_weight))
    for q in range(len(t.cost_weight)):
        a_charge[q] = scale * t.cost_kbps[q, k] * t.cost_weight[q] / 1e9
    charges, flows, pairs, checks = len(t.cost_weight), m.flows, len(t.pair_row), len(t.host_row)
    toll = 2 * flows  # the first charge among what is summed
    if len(m.row) == 0:
        pairs = 0
    if len(residual) == 0:
        checks = 0
    size_need, kept, skips = t.size_need, 0, len(full) > 0
    first_lane, last_lane = t.model_lane[t.model[k]], t.model_lane[t.model[k] + 1]
    regions = len(nearest)
    for region in t.inward[tree]:
        if nearest[region] == UNREACHABLE_US:
            break
        # No host of the region has more time, or a cheaper way.
        most_left = time_left - 2 * nearest[region]
        low_way = float(item_value)
        for q in range(flows):
            low_way += t.route_up[q, k] * low[region, q] + t.route_down[q, k] * low[region, flows + q]
        for q in range(charges):
            low_way += a_charge[q] * low[region, toll + q]
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
                if not opened[n] or (bound and stay != n) or one_way[n] == UNREACHABLE_US:
                    continue
                left = time_left - 2 * one_way[n]
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
                    for q in range(charges):
                        low_value += a_charge[q] * total[n, toll + q]
                    if _SHY * low_value >= out[2, room - 1]:
                        continue
                for q in range(charges):
                    carried = -(-(t.cost_kbps[q, k] * total[n, toll + q]) // 1_000_000)
                    value += scale * -(-(carried * t.cost_weight[q]) // 1000)
                if away >= 0 and away != n:
                    value += scale * away_cost
                if kept == room and value + (server[i] if least_need > left else 0) >= out[2, room - 1]:
                    continue
                servers = least + first_within(size_need, low_end, high_end, left) - low_end
                if servers > most[h]:
                    continue
                value += (servers - least) * server[i]
                for q in range(pairs):
                    if t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0:
                        value += t.pair_amount[q, k] * m.row[t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h]]
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
                if kept < room:
                    kept += 1
                position = kept - 1
                while position > 0 and out[2, position - 1] > value:
                    out[0, position], out[1, position], out[2, position] = (
                        out[0, position - 1],
                        out[1, position - 1],
                        out[2, position - 1],
                    )
                    position -= 1
                out[0, position], out[1, position], out[2, position] = h, servers, value
    return kept


@numba.njit(cache=True, nogil=True)
def servers_needed(t: Tables, item: Ints, host: Ints) -> Ints:
    """Servers with which each host would run a copy of each item, 0 where no rule but capacity would let it.

    For single options; `cheapest` works the same out for all hosts of an item, in an order that saves most of the work.
    """
    servers = np.zeros(len(item), np.int64)
    for i in range(len(item)):
        k, h = item[i], host[i]
        n, way = t.node[h], t.one_way_us[t.tree[k], t.node[h]]
        if not t.placeable[k] or not t.open_node[t.group[k], n] or (t.bound[k] and t.stay[k] != n) or way == UNREACHABLE_US:
            continue
        lane = np.searchsorted(t.lane, h, side="right") - 1
        first = t.model_lane[t.model[k]]
        if lane < first or lane >= t.model_lane[t.model[k] + 1]:
            continue
        table = t.pair[k] + lane - first
        needed = fewest_servers(t.size_ptr, t.size_least, t.size_need, table, t.time_left[k] - 2 * way)
        servers[i] = needed if needed <= t.most[h] else 0
    return servers
