# mypy: disallow-untyped-decorators=False
"""Compiled loops over items and hosts: the cheapest legal options at given prices, and writing loads out.

Nothing here knows a rule. :class:`Tables` is the compiled form of the factors that rules return.

An item has thousands of legal hosts, and its cheapest few are wanted. Hosts of one profile form a lane; in each lane they
are visited by falling attraction, that is by the price of a server. The least number of servers that carry the load
times that price bounds a host's value from below, so a lane ends where the bound passes what is already kept.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from solver.routes import UNREACHABLE_US, sum_along

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


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
    most: Ints  # [H] servers that fit the empty node
    host_cost: Ints  # [H] won a server
    host_row: Ints  # [., H] rows loaded by each server, -1 none
    host_amount: Ints  # [., H]
    size_ptr: Ints
    size_least: Ints
    size_need: Ints
    source: Ints  # [T]
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


@dataclass(frozen=True)
class Scan(Options):
    """The options of each item that a scan found cheapest, in order; `value` is each one's price in 1/scale won."""

    value: Ints


class Market(NamedTuple):
    """Prices made ready for the loops."""

    scale: int
    visit: Ints  # [H] hosts, each lane from the lowest price of a server to the highest
    server: Ints  # [H] cost and worth of one server
    item: Ints  # [K] worth of what every option of an item loads
    arc: Ints  # [flows, 2L] price of a kbit/s on each arc; no flows where there are no prices
    row: Ints  # [rows] or empty


def scan(tables: Tables, prices: Ints | None, scale: int, room: Ints, executor: Executor, blocks: int) -> Scan:
    """Find the cheapest ``room[k]`` legal options of each item k at non-negative prices.

    The items are cut into `blocks` parts by the tree of their ways, and handed to `executor` (threads do: the loop
    releases the interpreter lock).
    """
    market = market_of(tables, prices, scale)
    ptr = np.concatenate(([0], np.cumsum(room))).astype(np.int64)
    out = np.zeros((3, int(ptr[-1])), np.int64)
    found = np.zeros(len(tables.tree), np.int64)
    order = np.argsort(tables.tree, kind="stable")
    # Whole trees stay in one block, so that the prices along a tree are summed once.
    starts = np.searchsorted(tables.tree[order], np.linspace(0, len(tables.source), blocks + 1)).tolist()
    parts = [order[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True) if b > a]
    list(executor.map(lambda part: _scan(tables, market, part, ptr, out, found), parts))
    keep = np.arange(out.shape[1]) - np.repeat(ptr[:-1], room) < np.repeat(found, room)
    host, servers, value = out[:, keep]
    return Scan(np.concatenate(([0], np.cumsum(found))).astype(np.int64), host, servers, value)


def market_of(tables: Tables, prices: Ints | None, scale: int) -> Market:
    """Make prices (of a unit of load on each row, in 1/scale won; None for zeros) ready for the loops."""
    server, item = tables.host_cost * scale, np.zeros(len(tables.tree), np.int64)
    arc = np.zeros((0, len(tables.arc_reverse)), np.int64)
    if prices is not None:
        for rows, amounts, worth in (
            (tables.host_row, tables.host_amount, server),
            (tables.item_price_row, tables.item_amount, item),
        ):
            for row, amount in zip(rows, amounts, strict=True):
                worth += np.where(row < 0, 0, prices[np.maximum(row, 0)] * amount)
        arcs = [prices[first : first + arc.shape[1]] for first in tables.route_row.tolist()]
        arc = np.array(arcs, np.int64).reshape(len(arcs), arc.shape[1])
    lane_of = np.repeat(np.arange(len(tables.lane) - 1), np.diff(tables.lane))
    visit = np.lexsort((server, lane_of)).astype(np.int64)
    return Market(scale, visit, server, item, arc, np.zeros(0, np.int64) if prices is None else prices)


@numba.njit(cache=True, nogil=True)
def _scan(t: Tables, m: Market, part: Ints, ptr: Ints, out: Ints, found: Ints) -> None:
    up, down, charge, stack = rooms(t, m)
    here = -1
    everything = np.zeros(0, np.int64)
    for i in range(len(part)):
        k = part[i]
        if t.placeable[k] and ptr[k + 1] > ptr[k]:
            if t.tree[k] != here:
                here = t.tree[k]
                sum_tree(t, m, here, up, down, charge, stack)
            found[k] = cheapest(t, m, k, everything, up, down, charge, out[:, ptr[k] : ptr[k + 1]])


@numba.njit(cache=True, nogil=True)
def rooms(t: Tables, m: Market) -> tuple[Ints, Ints, Ints, Ints]:
    """Room for what is summed along a tree: prices up and down, charges; and a stack."""
    nodes = t.one_way_us.shape[1]
    flows, charges = len(m.arc), len(t.cost_weight)
    return (
        np.zeros((flows, nodes), np.int64),
        np.zeros((flows, nodes), np.int64),
        np.zeros((charges, nodes), np.int64),
        np.zeros(nodes, np.int64),
    )


@numba.njit(cache=True, nogil=True)
def sum_tree(t: Tables, m: Market, tree: int, up: Ints, down: Ints, charge: Ints, stack: Ints) -> None:
    """Prices and charges along every way of one tree."""
    arc, tail, source = t.arc[tree], t.tail, t.source[tree]
    for q in range(len(m.arc)):
        sum_along(arc, tail, source, m.arc[q], up[q], stack)
        sum_along(arc, tail, source, m.arc[q][t.arc_reverse], down[q], stack)
    for q in range(len(t.cost_weight)):
        sum_along(arc, tail, source, t.cost_arc[q], charge[q], stack)


@numba.njit(cache=True, nogil=True)
def cheapest(t: Tables, m: Market, k: int, residual: Ints, up: Ints, down: Ints, charge: Ints, out: Ints) -> int:
    """Write the cheapest legal hosts of item k into the columns of `out` (host, servers, value), cheapest first.

    Returns how many there are. Hosts without room in `residual` are passed over, unless it is empty.
    """
    tree, room = t.tree[k], out.shape[1]
    opened, one_way = t.open_node[t.group[k]], t.one_way_us[tree]
    bound, stay, away, away_cost = t.bound[k], t.stay[k], t.away_node[k], t.away_cost[k]
    time_left, item_value, scale = t.time_left[k], m.item[k], m.scale
    lane_ptr, visit, server, node_of, most = t.lane, m.visit, m.server, t.node, t.most
    charges, flows, pairs, checks = len(t.cost_weight), len(m.arc), len(t.pair_row), len(t.host_row)
    if len(m.row) == 0:
        pairs = 0
    if len(residual) == 0:
        checks = 0
    size_need, kept = t.size_need, 0
    first_lane = t.model_lane[t.model[k]]
    for lane in range(first_lane, t.model_lane[t.model[k] + 1]):
        table = t.pair[k] + lane - first_lane
        low_end, high_end = t.size_ptr[table], t.size_ptr[table + 1]
        if low_end == high_end:
            continue
        least, quickest = t.size_least[table], size_need[high_end - 1]
        for i in range(lane_ptr[lane], lane_ptr[lane + 1]):
            h = visit[i]
            value = item_value + least * server[h]
            if kept == room and value >= out[2, room - 1]:
                break
            n = node_of[h]
            if not opened[n] or (bound and stay != n) or one_way[n] == UNREACHABLE_US:
                continue
            left = time_left - 2 * one_way[n]
            if quickest > left:
                continue
            for q in range(charges):
                carried = -(-(t.cost_kbps[q, k] * charge[q, n]) // 1_000_000)
                value += scale * -(-(carried * t.cost_weight[q]) // 1000)
            if away >= 0 and away != n:
                value += scale * away_cost
            if kept == room and value >= out[2, room - 1]:
                continue
            low, high = low_end, high_end - 1
            while low < high:
                middle = (low + high) // 2
                if size_need[middle] <= left:
                    high = middle
                else:
                    low = middle + 1
            servers = least + low - low_end
            if servers > most[h]:
                continue
            value += (low - low_end) * server[h]
            for q in range(flows):
                value += t.route_up[q, k] * up[q, n] + t.route_down[q, k] * down[q, n]
            for q in range(pairs):
                if t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0:
                    value += t.pair_amount[q, k] * m.row[t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h]]
            if kept == room and value >= out[2, room - 1]:
                continue
            fits = True
            for q in range(checks):
                row = t.host_row[q, h]
                if row >= 0 and t.host_amount[q, h] * servers > residual[row]:
                    fits = False
            if not fits:
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
        for size in range(t.size_ptr[table], t.size_ptr[table + 1]):
            if t.size_need[size] <= t.time_left[k] - 2 * way:
                needed = t.size_least[table] + size - t.size_ptr[table]
                servers[i] = needed if needed <= t.most[h] else 0
                break
    return servers


@numba.njit(cache=True)
def place_entries(option: Ints32, row: Ints32, amount: Ints, cursor: Ints, load_row: Ints, load_amount: Ints) -> None:
    """Append each load to its option's stretch of the output; `cursor[o]` is where the next one of option o goes."""
    for i in range(len(option)):
        load_row[cursor[option[i]]] = row[i]
        load_amount[cursor[option[i]]] = amount[i]
        cursor[option[i]] += 1


@numba.njit(cache=True)
def peaks(item: Ints, count: Ints, row: Ints, amount: Ints, peak: Ints) -> None:
    """Add to `peak` the most that a stream of loads can put on each row: copies times the largest load, item by item.

    Entries of one item must stand together.
    """
    last = np.full(len(peak), -1, np.int64)
    most = np.zeros(len(peak), np.int64)
    for i in range(len(item)):
        r, k = row[i], item[i]
        if last[r] != k:
            if last[r] >= 0:
                peak[r] += count[last[r]] * most[r]
            last[r] = k
            most[r] = 0
        most[r] = max(most[r], amount[i])
    for r in range(len(peak)):
        if last[r] >= 0:
            peak[r] += count[last[r]] * most[r]
