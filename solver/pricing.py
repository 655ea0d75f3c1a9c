# mypy: disallow-untyped-decorators=False
"""Compiled loops over items and hosts: pricing every legal option, and writing loads out.

Nothing here knows a rule. :class:`Tables` is the compiled form of the factors that rules return.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from solver.routes import UNREACHABLE_US, sum_along
from solver.sizing import _servers

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
    pair: Ints  # [K] first size table of the item's load
    item_price_row: Ints  # [., K] rows loaded by every option of an item, -1 none
    item_amount: Ints  # [., K]
    model_ptr: Ints  # [models + 1] hosts of each model
    node: Ints  # [H]
    local: Ints  # [H] position of the profile among its model's
    most: Ints  # [H] servers that fit the empty node
    host_cost: Ints  # [H] won a server
    host_row: Ints  # [., H] rows loaded by each server, -1 none
    host_amount: Ints  # [., H]
    size_ptr: Ints
    size_least: Ints
    size_need: Ints
    source: Ints  # [T]
    one_way_us: Ints32  # [T, N]
    parent: Ints32  # [T, N]
    arc: Ints32  # [T, N]
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
class Scan:
    """The cheapest options of each item, priced: those of item k are ``ptr[k]:ptr[k + 1]``, cheapest first.

    `value` is in 1/scale won, and `legal[k]` counts all legal options of item k, kept or not.
    """

    ptr: Ints
    host: Ints
    servers: Ints
    value: Ints
    legal: Ints


def scan(tables: Tables, prices: Ints | None, scale: int, room: Ints, executor: Executor, blocks: int) -> Scan:
    """Price every legal option and keep the cheapest ``room[k]`` of each item.

    The items are cut into `blocks` parts by the tree of their ways, and handed to `executor` (threads do: the loop
    releases the interpreter lock).
    """
    items = len(tables.tree)
    host_price = np.zeros(len(tables.node), np.int64)
    arc_up = np.zeros((len(tables.route_row), len(tables.arc_reverse)), np.int64)
    item_price = np.zeros(items, np.int64)
    if prices is None:
        pair_price = np.zeros(0, np.int64)
    else:
        pair_price = prices
        for row, amount in zip(tables.host_row, tables.host_amount, strict=True):
            host_price += np.where(row < 0, 0, prices[np.maximum(row, 0)] * amount)
        for q, first in enumerate(tables.route_row.tolist()):
            arc_up[q] = prices[first : first + arc_up.shape[1]]
        for row, amount in zip(tables.item_price_row, tables.item_amount, strict=True):
            item_price += np.where(row < 0, 0, prices[np.maximum(row, 0)] * amount)
    ptr = np.concatenate(([0], np.cumsum(room))).astype(np.int64)
    size = int(ptr[-1])
    out = Scan(ptr, np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(items, np.int64))
    found = np.zeros(items, np.int64)
    order = np.argsort(tables.tree, kind="stable")
    # Whole trees stay in one block, so that the prices along a tree are summed once.
    starts = np.searchsorted(tables.tree[order], np.linspace(0, len(tables.source), blocks + 1)).tolist()
    parts = [order[a:b] for a, b in zip(starts[:-1], starts[1:], strict=True) if b > a]
    list(
        executor.map(
            lambda part: _scan(
                tables, part, scale, host_price, arc_up, item_price, pair_price, ptr, out.host, out.servers, out.value,
                out.legal, found,
            ),
            parts,
        )
    )  # fmt: skip
    keep = np.arange(size) - np.repeat(ptr[:-1], room) < np.repeat(found, room)
    return Scan(
        np.concatenate(([0], np.cumsum(found))).astype(np.int64), out.host[keep], out.servers[keep], out.value[keep],
        out.legal,
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def _scan(
    t: Tables, part: Ints, scale: int, host_price: Ints, arc_up: Ints, item_price: Ints, pair_price: Ints, ptr: Ints,
    out_host: Ints, out_servers: Ints, out_value: Ints, legal: Ints, found: Ints,
) -> None:  # fmt: skip
    nodes = t.one_way_us.shape[1]
    flows, charges, pairs = len(t.route_row), len(t.cost_weight), len(t.pair_row)
    priced = len(pair_price) > 0
    up, down = np.zeros((flows, nodes), np.int64), np.zeros((flows, nodes), np.int64)
    charge, stack = np.zeros((charges, nodes), np.int64), np.zeros(nodes, np.int64)
    here = -1
    for i in range(len(part)):
        k = part[i]
        tree = t.tree[k]
        if tree != here:
            here = tree
            source = t.source[tree]
            for q in range(flows):
                if priced:
                    sum_along(t.parent[tree], t.arc[tree], source, arc_up[q], up[q], stack)
                    sum_along(t.parent[tree], t.arc[tree], source, arc_up[q][t.arc_reverse], down[q], stack)
            for q in range(charges):
                sum_along(t.parent[tree], t.arc[tree], source, t.cost_arc[q], charge[q], stack)
        if not t.placeable[k]:
            continue
        opened = t.open_node[t.group[k]]
        room = ptr[k + 1] - ptr[k]
        first = ptr[k]
        kept = 0
        for h in range(t.model_ptr[t.model[k]], t.model_ptr[t.model[k] + 1]):
            n = t.node[h]
            if not opened[n] or (t.bound[k] and t.stay[k] != n):
                continue
            one_way = t.one_way_us[tree, n]
            if one_way == UNREACHABLE_US:
                continue
            servers = _servers(t.size_ptr, t.size_least, t.size_need, t.pair[k] + t.local[h], t.time_left[k] - 2 * one_way)
            if servers == 0 or servers > t.most[h]:
                continue
            legal[k] += 1
            if room == 0:
                continue
            won = servers * t.host_cost[h]
            for q in range(charges):
                carried = -(-(t.cost_kbps[q, k] * charge[q, n]) // 1_000_000)
                won += -(-(carried * t.cost_weight[q]) // 1000)
            if t.away_node[k] >= 0 and t.away_node[k] != n:
                won += t.away_cost[k]
            value = won * scale + item_price[k]
            if priced:
                value += servers * host_price[h]
                for q in range(flows):
                    value += t.route_up[q, k] * up[q, n] + t.route_down[q, k] * down[q, n]
                for q in range(pairs):
                    if t.pair_base[q, k] >= 0 and t.pair_slot[q, h] >= 0:
                        row = t.pair_row[q] + t.pair_base[q, k] + t.pair_slot[q, h]
                        value += t.pair_amount[q, k] * pair_price[row]
            if kept == room and value >= out_value[first + kept - 1]:
                continue
            position = kept if kept < room else room - 1
            while position > 0 and out_value[first + position - 1] > value:
                out_value[first + position] = out_value[first + position - 1]
                out_host[first + position] = out_host[first + position - 1]
                out_servers[first + position] = out_servers[first + position - 1]
                position -= 1
            out_value[first + position] = value
            out_host[first + position] = h
            out_servers[first + position] = servers
            kept = min(kept + 1, room)
        found[k] = kept


@numba.njit(cache=True)
def place_entries(option: Ints, row: Ints, amount: Ints, cursor: Ints, load_row: Ints, load_amount: Ints) -> None:
    """Append each load to its option's stretch of the output; `cursor[o]` is where the next one of option o goes."""
    for i in range(len(option)):
        load_row[cursor[option[i]]] = row[i]
        load_amount[cursor[option[i]]] = amount[i]
        cursor[option[i]] += 1


@numba.njit(cache=True)
def peaks(item: Ints, count: Ints, load_ptr: Ints, load_row: Ints, load_amount: Ints, peak: Ints) -> None:
    """Most that each row can ever hold: over items, copies times the largest load of any option of the item."""
    last = np.full(len(peak), -1, np.int64)
    most = np.zeros(len(peak), np.int64)
    for o in range(len(item)):
        for j in range(load_ptr[o], load_ptr[o + 1]):
            r, k = load_row[j], item[o]
            if last[r] != k:
                if last[r] >= 0:
                    peak[r] += count[last[r]] * most[r]
                last[r] = k
                most[r] = 0
            most[r] = max(most[r], load_amount[j])
    for r in range(len(peak)):
        if last[r] >= 0:
            peak[r] += count[last[r]] * most[r]
