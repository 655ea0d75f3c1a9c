"""Compiled loops over items and hosts: the cheapest legal options at given prices.

Nothing here knows a rule. :class:`~solver.space.tables.Tables` is the compiled form of the factors that rules return.

An item has thousands of legal hosts, and its cheapest few are wanted. Hosts of one profile form a group, and those of a
group whose nodes lie in one region form a bucket. Regions are looked at from the nearest to the farthest. What the least
number of servers costs on the cheapest host of a bucket, and the cheapest route into the region, bound the values in a
bucket from below: most buckets are passed over whole, and in the others hosts are visited by rising price of a server, until
that bound passes what is already kept.

A *place* is a host together with the route there, or where an item that runs stays as it is. Places are numbered: first the
hosts over the fastest route, then where items stay, then the hosts once more for each further variant of the routes.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.compiled import inlined, inner, kernel
from solver.facts.routes import UNREACHABLE_US, sum_to
from solver.space.kinds import (
    away_cost,
    host_rows,
    item_rows,
    open_nodes,
    pair_rows,
    route_cost,
    route_rows,
    stay_at,
    stay_cost,
)
from solver.space.loading import crowding
from solver.space.parts import side_by_side, stretches
from solver.space.price_tables import PriceTables, RouteSums, enter_tree, route_sums
from solver.space.sizing import first_within
from solver.space.tables import Tables

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


def scan(tables: Tables, price_tables: PriceTables, limit: Ints, residual: Ints | None, executor: Executor | None) -> Scan:
    """Find the cheapest ``limit[k]`` legal options of each item k at given prices.

    Hosts without enough `residual` on their own rows are passed over, and so are items without enough on theirs. `executor`
    goes through the items in parts; threads do, as the loop releases the interpreter lock.
    """
    ptr = np.concatenate(([0], np.cumsum(limit))).astype(np.int64)
    out = np.zeros((3, int(ptr[-1])), np.int64)
    found = np.zeros(len(tables.tree), np.int64)
    left = np.zeros(0, np.int64) if residual is None else residual
    order = np.argsort(tables.tree, kind="stable")
    order = order[limit[order] > 0]
    # Whole trees stay in one part, so that the prices along a tree are summed once.
    parts = [order[part] for part in stretches(tables.tree[order])]
    side_by_side(executor, lambda part: _scan(tables, price_tables, part, left, ptr, out, found), parts)
    keep = np.arange(out.shape[1]) - np.repeat(ptr[:-1], limit) < np.repeat(found, limit)
    # One memory layout, whatever is kept: loops are compiled anew for each.
    host, servers, value = np.ascontiguousarray(out[:, keep])
    return Scan(np.concatenate(([0], np.cumsum(found))).astype(np.int64), host, servers, value)


@kernel
def _scan(t: Tables, m: PriceTables, part: Ints, residual: Ints, ptr: Ints, out: Ints, found: Ints) -> None:
    sums = route_sums(t, m)
    here = -1
    for i in range(len(part)):
        k = part[i]
        if (t.placeable[k] or t.stay[k] >= 0) and item_rows.fits(t.item_rows, residual, k):
            if t.tree[k] != here:
                here = t.tree[k]
                enter_tree(t, m, here, sums)
            found[k] = cheapest(t, m, k, residual, residual[:0], sums, out[:, ptr[k] : ptr[k + 1]])


@kernel
def cheapest(t: Tables, m: PriceTables, k: int, residual: Ints, full: Ints, sums: RouteSums, out: Ints) -> int:
    """Write the cheapest legal places of item k into the columns of `out` (place, servers, value), cheapest first.

    Returns how many there are. Places without enough `residual` are passed over, unless it is empty. Unless `full` is
    empty, it is where hosts without enough capacity left are noted: ``full[i]`` is how many from the i-th to be visited on
    have none for a single server, and ``-full[i]`` for how many the i-th has some. The caller keeps it while
    `residual` only shrinks.
    """
    kept = 0
    if t.stay[k] >= 0 and out.shape[1] > 0 and _stay_fits(t, k, residual):
        out[0, 0], out[1, 0], out[2, 0] = t.stay[k], t.stay_servers[k], value_of_staying(t, m, k)
        kept = 1
    if t.placeable[k]:
        for v in range(t.variant.shape[1]):
            if t.variant[t.tree[k], v] < 0:
                break
            kept = _cheapest_over(t, m, k, v, residual, full, sums, out, kept)
    return kept


@inlined
def _stay_fits(t: Tables, k: int, residual: Ints) -> bool:
    """Whether the place where item k stays has capacity left for it on its own rows; it has where `residual` is empty."""
    return bool(host_rows.fitting(t.host_rows, residual, t.stay[k], t.stay_servers[k]) == t.stay_servers[k])


@kernel
def value_of_staying(t: Tables, m: PriceTables, k: int) -> int:
    """What it costs and is worth, in 1/scale of a unit, that a copy of item k stays as it is."""
    h, summed = t.stay[k], m.arc.shape[1]
    along = np.zeros((1, summed), np.int64)
    for e in range(t.stay_ptr[k], t.stay_ptr[k + 1]):
        for q in range(summed):
            along[0, q] += m.arc[t.stay_arc[e], q]
    won = stay_cost.cost(t.stay_cost, k) + route_cost.cost(t.route_cost, k, along, 0, 2 * m.flows)
    value = m.item[k] + t.stay_servers[k] * m.place[h] + m.scale * won
    value += route_rows.value(t.route_rows, k, along, 0, m.flows)
    return int(value + pair_rows.value(t.pair_rows, m.row, k, h))


@kernel
def _cheapest_over(
    t: Tables, m: PriceTables, k: int, variant: int, residual: Ints, full: Ints, sums: RouteSums, out: Ints, kept: int
) -> int:
    """Add what is cheaper over one variant of the routes to the `kept` places of `cheapest`; returns how many there are.

    Longer than a screen: for each call of a kernel the tables, some fifty arrays, are copied, and a kernel for each bucket
    took six times as long. The faces of the kinds of factors are written into the loop (:func:`solver.compiled.inlined`).
    """
    tree, limit = t.variant[t.tree[k], variant], out.shape[1]
    route_us = t.route_us[tree]
    opened, stays_at = open_nodes.of_item(t.open_nodes, k), t.stay_at
    flow, charge, pair = t.route_rows, t.route_cost, t.pair_rows
    home = t.stay_home[k] if t.stay_variant[k] == variant else -1
    first_place = 0 if variant == 0 else len(t.node) + (variant - 1) * t.regular
    time_left, item_value, scale = t.time_left[k], m.item[k], m.scale
    visit, server, node_of, most = m.visit, m.server, m.node, t.most
    total, fresh, low, nearest = sums.total[variant], sums.fresh[variant], m.low[tree], t.nearest[tree]
    # Charges for the route are rounded up twice, which takes divisions; most hosts are passed over by this lower bound.
    rates = route_cost.rates(charge, k, scale)
    flows = m.flows
    toll = 2 * flows  # the first charge among what is summed
    size_need, skips, crowded = t.size_need, len(full) > 0, len(t.crowd_cost.cost) > 0
    first_group, last_group = t.model_group[t.model[k]], t.model_group[t.model[k] + 1]
    regions = len(nearest)
    for region in t.inward[tree]:
        if nearest[region] == UNREACHABLE_US:
            break
        # No host of the region has more time, or a cheaper route.
        most_left = time_left - nearest[region]
        low_way = item_value + route_rows.value(flow, k, low, region, flows) + route_cost.at_least(rates, low, region, toll)
        for group in range(first_group, last_group):
            table = t.size_table[k] + group - first_group
            begin, end = m.bucket[group * regions + region], m.bucket[group * regions + region + 1]
            low_end, high_end = t.size_ptr[table], t.size_ptr[table + 1]
            if begin == end or low_end == high_end:
                continue
            least, least_need, quickest = t.size_least[table], size_need[low_end], size_need[high_end - 1]
            if quickest > most_left:
                continue
            if kept == limit and _SHY * (low_way + least * server[begin]) >= out[2, limit - 1]:
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
                if kept == limit and _SHY * (low_way + fewest * server[i]) >= out[2, limit - 1]:
                    break
                n = node_of[i]
                if not opened[n] or not stay_at.allows(stays_at, k, n) or route_us[n] == UNREACHABLE_US:
                    continue
                left = time_left - route_us[n]
                if quickest > left:
                    continue
                h = visit[i]
                if not fresh[n]:
                    sum_to(t.arc[tree], t.tail, n, m.arc, total, fresh, sums.scratch.arc)
                value = item_value + least * server[i] + route_rows.value(flow, k, total, n, flows)
                if kept == limit:
                    low_value = float(value + server[i] if least_need > left else value)
                    if _SHY * (low_value + route_cost.at_least(rates, total, n, toll)) >= out[2, limit - 1]:
                        continue
                won = route_cost.cost(charge, k, total, n, toll)
                value += scale * (won + away_cost.cost(t.away_cost, t.current, t.stay, k, n))
                if kept == limit and value + (server[i] if least_need > left else 0) >= out[2, limit - 1]:
                    continue
                servers = least + first_within(size_need, low_end, high_end, left) - low_end
                if servers > most[h] or (h == home and servers == t.stay_servers[k]):
                    continue
                value += (servers - least) * server[i]
                value += pair_rows.value(pair, m.row, k, h)
                if crowded:
                    value += scale * crowding(t, k, first_place + h, servers, sums.scratch)
                if kept == limit and value >= out[2, limit - 1]:
                    continue
                fits = host_rows.fitting(t.host_rows, residual, h, servers)
                if fits < servers:
                    if skips:
                        full[i] = -fits if fits > 0 else 1 + (max(0, full[i + 1]) if i + 1 < end else 0)
                    continue
                kept = _insert(out, kept, first_place + h, servers, value)
    return kept


@inner
def _insert(out: Ints, kept: int, place: int, servers: int, value: int) -> int:
    """Put a place among the `kept` cheapest, the dearest going where all are kept; returns how many there are."""
    if kept < out.shape[1]:
        kept += 1
    position = kept - 1
    while position > 0 and out[2, position - 1] > value:
        for column in range(3):
            out[column, position] = out[column, position - 1]
        position -= 1
    out[0, position], out[1, position], out[2, position] = place, servers, value
    return kept
