"""Compiled loops over items and hosts: the cheapest legal options at given prices, and writing loads out.

Nothing here knows a rule. :class:`Tables` is the compiled form of the factors that rules return.

An item has thousands of legal hosts, and its cheapest few are wanted. Hosts of one profile form a lane, and those of a
lane whose nodes lie in one region form a block. Regions are looked at from the nearest to the farthest. What the least
number of servers costs on the cheapest host of a block, and the cheapest way into the region, bound the values in a
block from below: most blocks are passed over whole, and in the others hosts are visited by rising price of a server, until
that bound passes what is already kept.

A *place* is a host together with the way there, or where an item that runs stays as it is. Places are numbered: first the
hosts over the fastest way, then where items stay, then the hosts once more for each further variant of the ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.facts.routes import UNREACHABLE_US, sum_to
from solver.space.sizing import fewest_servers, first_within

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Reals32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
P = TypeVar("P")
R = TypeVar("R")


class Tables(NamedTuple):
    """Factors as arrays: K items, H hosts and S places to stay, N nodes, T trees, 2L arcs; leading axes count factors."""

    tree: Ints  # [K] tree of each item's fastest ways
    variant: Ints  # [T, V] trees of the variants of the ways of each such tree, itself first, -1 none
    regular: int  # H
    stay: Ints  # [K] place where an item stays, -1 for none
    stay_servers: Ints  # [K] servers it has there
    stay_cost: Ints  # [K] won for staying, beside what servers and traffic cost
    stay_home: Ints  # [K] host that this place is, -1 where rules leave none
    stay_variant: Ints  # [K] variant of the ways that its traffic takes, -1 for none of them
    stay_ptr: Ints  # [K + 1] arcs that its traffic takes
    stay_arc: Ints
    placeable: Bools  # [K]
    group: Ints  # [K] row of open_node
    open_node: Bools  # [groups, N]
    model: Ints  # [K]
    bound: Bools  # [K] may use node `bound_to` only
    bound_to: Ints  # [K]
    time_left: Ints  # [K] us for transport, service and waiting
    pair: Ints  # [K] size table of the item's load on the first lane of its model
    item_price_row: Ints  # [., K] rows loaded by every option of an item, -1 none
    item_amount: Ints  # [., K]
    model_lane: Ints  # [models + 1] lanes of each model
    lane: Ints  # [lanes + 1] hosts of each lane
    node: Ints  # [H + S]
    region: Ints  # [N] region of each node, of G
    nearest: Ints32  # [T, G] us there and back to the nearest node of each region, UNREACHABLE_US where none is within reach
    inward: Ints32  # [T, G] regions, nearest first
    most: Ints  # [H + S] servers that fit the empty node
    host_cost: Ints  # [H + S] won a server
    host_row: Ints  # [., H + S] rows loaded by each server, -1 none
    host_amount: Ints  # [., H + S]
    size_ptr: Ints
    size_least: Ints
    size_need: Ints
    way_us: Ints32  # [T, N] round trip
    arc: Ints32  # [T, N]
    tail: Ints  # [2L]
    arc_reverse: Ints  # [2L] the same link the other way
    route_row: Ints  # [.] first of the 2L rows of each route factor
    route_up: Ints  # [., K]
    route_down: Ints  # [., K]
    cost_ptr: Ints  # [charges + 1] streams of each charge for the way
    cost_kbps: Ints  # [streams, K]
    cost_arc: Ints  # [streams, 2L] won a Gbit/s and month
    cost_weight: Ints  # [charges] thousandths
    pair_row: Ints  # [.] first row of each pair factor
    pair_base: Ints  # [., K]
    pair_slot: Ints  # [., H + S]
    pair_amount: Ints  # [., K]
    away_node: Ints  # [K] node on which an item runs now, -1 for none
    away_cost: Ints  # [K] won for not staying
    crowd_cost: Ints  # [., K] won for not staying, yet loading a row that is overfull
    overfull: Bools  # [., rows]


#: Parts that a loop over all items or options is cut into, for threads to share.
PARTS = 16

#: A little less than one, so that a lower bound worked out in floating point stays one: in 64 bits, and kept in 32.
_SHY, _SHY32 = 1 - 1e-9, 1 - 1e-6


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
    """The options of each item that a scan found cheapest, in order; `value` is each one's price in 1/scale won."""

    value: Ints


class Market(NamedTuple):
    """Prices made ready for the loops, and what these have found out about them."""

    scale: int
    visit: Ints  # [H] hosts: lane by lane, region by region, from the lowest price of a server to the highest
    block: Ints  # [lanes * regions + 1] where the hosts of each lane in each region begin
    server: Ints  # [H] cost and worth of one server of the host visited then
    node: Ints32  # [H] its node
    place: Ints  # [H + S] cost and worth of one server of each host and place to stay
    item: Ints  # [K] worth of what every option of an item loads
    arc: Ints  # [2L, P] what is summed along ways (see `Ways`), on each arc
    flows: int  # flows that have prices: none where no link is scarce
    row: Ints  # [rows] or empty
    low: Reals32  # [T, G, P] not more than the least that is summed along a way of each tree into each region
    known: Bools  # [T] trees that `low` is known of


class Ways(NamedTuple):
    """What is summed along the ways of one tree and its variants: worked out for all nodes, or for those that are asked for.

    Each of the P things that are summed is a column: for each flow the price of a kbit/s towards the node, for each the
    price of one back, and the charges.
    """

    total: Ints  # [V, N, P] where `fresh`
    fresh: Bools  # [V, N]
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
    place, server = server, server[: tables.regular]
    block_of = lane_of * regions + tables.region[tables.node[: tables.regular]]
    visit = np.lexsort((server, block_of)).astype(np.int64)
    block = np.searchsorted(block_of[visit], np.arange((len(tables.lane) - 1) * regions + 1)).astype(np.int64)
    node = tables.node[visit].astype(np.int32)
    summed = [*flows, *(price[back] for price in flows), *tables.cost_arc]
    arc = np.stack(summed, axis=1) if summed else np.zeros((arcs, 0), np.int64)
    row = np.zeros(0, np.int64) if prices is None else prices
    low, known = np.zeros((trees, regions, arc.shape[1]), np.float32), np.zeros(trees, np.bool_)
    return Market(scale, visit, block, server[visit], node, place, item, arc, len(flows), row, low, known)


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
def rooms(t: Tables, m: Market) -> Ways:
    """Room for what is summed along a tree."""
    variants, nodes = t.variant.shape[1], t.way_us.shape[1]
    total = np.zeros((variants, nodes, m.arc.shape[1]), np.int64)
    return Ways(total, np.zeros((variants, nodes), np.bool_), np.zeros(nodes, np.int64))


@kernel
def enter_tree(t: Tables, m: Market, tree: int, ways: Ways) -> None:
    """Turn to another tree and its variants: the first time, sum along all ways and note the least of it in each region.

    Whoever comes again at the same prices looks at few nodes; sums are left to be worked out where they are asked for.
    """
    summed, region = m.arc.shape[1], t.region
    ways.fresh.fill(summed == 0)
    if m.known[tree]:
        return
    for v in range(t.variant.shape[1]):
        row, total = t.variant[tree, v], ways.total[v]
        if row < 0:
            break
        low = np.full((t.nearest.shape[1], summed), np.iinfo(np.int64).max)
        for n in range(len(region)):
            if t.way_us[row, n] != UNREACHABLE_US:
                sum_to(t.arc[row], t.tail, n, m.arc, total, ways.fresh[v], ways.stack)
                for q in range(summed):
                    if total[n, q] < low[region[n], q]:
                        low[region[n], q] = total[n, q]
        m.low[row] = low * _SHY32
    m.known[tree] = True


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
    if len(residual) > 0:
        for q in range(len(t.host_row)):
            row = t.host_row[q, t.stay[k]]
            if row >= 0 and t.host_amount[q, t.stay[k]] * t.stay_servers[k] > residual[row]:
                return False
    return True


@kernel
def value_of_staying(t: Tables, m: Market, k: int) -> int:
    """What it costs and is worth, in 1/scale won, that a copy of item k stays as it is."""
    h, summed = t.stay[k], m.arc.shape[1]
    toll = 2 * m.flows
    along = np.zeros(summed, np.int64)
    for e in range(t.stay_ptr[k], t.stay_ptr[k + 1]):
        for q in range(summed):
            along[q] += m.arc[t.stay_arc[e], q]
    value = m.item[k] + t.stay_servers[k] * m.place[h] + m.scale * t.stay_cost[k]
    for q in range(m.flows):
        value += t.route_up[q, k] * along[q] + t.route_down[q, k] * along[m.flows + q]
    for q in range(len(t.cost_weight)):
        streams = np.int64(0)
        for c in range(t.cost_ptr[q], t.cost_ptr[q + 1]):
            streams += t.cost_kbps[c, k] * along[toll + c]
        carried = -(-streams // 1_000_000)
        value += m.scale * -(-(carried * t.cost_weight[q]) // 1000)
    if len(m.row) > 0:
        for q in range(len(t.pair_row)):
            if t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0:
                value += t.pair_amount[q, k] * m.row[t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h]]
    return int(value)


@kernel
def _cheapest_over(
    t: Tables, m: Market, k: int, variant: int, residual: Ints, full: Ints, ways: Ways, out: Ints, kept: int
) -> int:
    """Add what is cheaper over one variant of the ways to the `kept` places of `cheapest`; returns how many there are."""
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
                out[0, position], out[1, position], out[2, position] = first_place + h, servers, value
    return kept


@kernel
def crowding(t: Tables, k: int, h: int, tree: int) -> int:
    """What item k pays on host h over the ways of a tree, in won a month, for loading rows that are overfull already."""
    cost = np.int64(0)
    for c in range(len(t.crowd_cost)):
        if _crowds(t, t.overfull[c], k, h, tree):
            cost += t.crowd_cost[c, k]
    return int(cost)


@kernel
def _crowds(t: Tables, overfull: Bools, k: int, h: int, tree: int) -> bool:
    """Whether item k loads, on host h over the ways of a tree, one of the `overfull` rows."""
    for q in range(len(t.host_row)):
        if t.host_row[q, h] >= 0 and t.host_amount[q, h] > 0 and overfull[t.host_row[q, h]]:
            return True
    for q in range(len(t.item_price_row)):
        if t.item_price_row[q, k] >= 0 and t.item_amount[q, k] > 0 and overfull[t.item_price_row[q, k]]:
            return True
    for q in range(len(t.pair_row)):
        loads = t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0 and t.pair_amount[q, k] > 0
        if loads and overfull[t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h]]:
            return True
    for q in range(len(t.route_row)):
        n = t.node[h]
        while t.arc[tree, n] >= 0:
            arc = t.arc[tree, n]
            if t.route_up[q, k] > 0 and overfull[t.route_row[q] + arc]:
                return True
            if t.route_down[q, k] > 0 and overfull[t.route_row[q] + t.arc_reverse[arc]]:
                return True
            n = t.tail[arc]
    return False


@kernel
def host_of(t: Tables, place: int) -> int:
    """The position in columns over hosts and places to stay that a place stands for."""
    return int(place if place < len(t.node) else (place - len(t.node)) % t.regular)


@kernel
def tree_to(t: Tables, k: int, place: int) -> int:
    """The tree along which item k reaches a place that is none to stay; -1 where it has no such variant."""
    variant = 0 if place < t.regular else 1 + (place - len(t.node)) // t.regular
    return int(t.variant[t.tree[k], variant])


@kernel
def servers_needed(t: Tables, item: Ints, place: Ints) -> Ints:
    """Servers with which a copy of each item would run at each place, 0 where no rule but capacity would let it.

    For single options; `cheapest` works the same out for all hosts of an item, in an order that saves most of the work.
    """
    servers = np.zeros(len(item), np.int64)
    for i in range(len(item)):
        k = item[i]
        if t.regular <= place[i] < len(t.node):
            servers[i] = t.stay_servers[k] if t.stay[k] == place[i] else 0
            continue
        h, tree = host_of(t, place[i]), tree_to(t, k, place[i])
        n = t.node[h]
        if tree < 0 or not t.placeable[k] or not t.open_node[t.group[k], n] or (t.bound[k] and t.bound_to[k] != n):
            continue
        way = t.way_us[tree, n]
        if way == UNREACHABLE_US:
            continue
        lane = np.searchsorted(t.lane, h, side="right") - 1
        first = t.model_lane[t.model[k]]
        if lane < first or lane >= t.model_lane[t.model[k] + 1]:
            continue
        table = t.pair[k] + lane - first
        needed = fewest_servers(t.size_ptr, t.size_least, t.size_need, table, t.time_left[k] - way)
        same = h == t.stay_home[k] and tree == t.variant[t.tree[k], max(0, t.stay_variant[k])] and t.stay_variant[k] >= 0
        if needed <= t.most[h] and not (same and needed == t.stay_servers[k]):
            servers[i] = needed
    return servers
