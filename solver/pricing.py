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
from solver.sizing import fewest_servers

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
    """The options of each item that a scan found cheapest, in order.

    `value` is what each was priced at, in 1/scale won; `legal[k]` counts all legal options of item k, kept or not.
    """

    value: Ints
    legal: Ints


def scan(tables: Tables, prices: Ints | None, scale: int, room: Ints, executor: Executor, blocks: int) -> Scan:
    """Price every legal option and keep the cheapest ``room[k]`` of each item.

    The items are cut into `blocks` parts by the tree of their ways, and handed to `executor` (threads do: the loop
    releases the interpreter lock).
    """
    items = len(tables.tree)
    pair_price = np.zeros(0, np.int64) if prices is None else prices
    host_price, arc_up, item_price = _prices_of(tables, prices)
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


def _prices_of(tables: Tables, prices: Ints | None) -> tuple[Ints, Ints, Ints]:
    """Prices of a server on each host, of a kbit/s on each arc of each flow, and of a copy of each item anywhere."""
    host_price = np.zeros(len(tables.node), np.int64)
    item_price = np.zeros(len(tables.tree), np.int64)
    if prices is None:
        return host_price, np.zeros((0, len(tables.arc_reverse)), np.int64), item_price
    arcs = [prices[first : first + len(tables.arc_reverse)] for first in tables.route_row.tolist()]
    for rows, amounts, price in (
        (tables.host_row, tables.host_amount, host_price),
        (tables.item_price_row, tables.item_amount, item_price),
    ):
        for row, amount in zip(rows, amounts, strict=True):
            price += np.where(row < 0, 0, prices[np.maximum(row, 0)] * amount)
    return host_price, np.array(arcs, np.int64).reshape(len(arcs), len(tables.arc_reverse)), item_price


@numba.njit(cache=True, nogil=True)
def _scan(
    t: Tables, part: Ints, scale: int, host_price: Ints, arc_up: Ints, item_price: Ints, pair_price: Ints, ptr: Ints,
    out_host: Ints, out_servers: Ints, out_value: Ints, legal: Ints, found: Ints,
) -> None:  # fmt: skip
    nodes = t.one_way_us.shape[1]
    flows, charges = len(t.route_row), len(t.cost_weight)
    priced = len(pair_price) > 0
    up, down = np.zeros((flows, nodes), np.int64), np.zeros((flows, nodes), np.int64)
    charge, stack = np.zeros((charges, nodes), np.int64), np.zeros(nodes, np.int64)
    here = -1
    for i in range(len(part)):
        k = part[i]
        tree = t.tree[k]
        if tree != here:
            here = tree
            _sum_tree(
                t.parent[tree], t.arc[tree], t.source[tree], t.arc_reverse, arc_up, t.cost_arc, up, down, charge, stack
            )
        if not t.placeable[k]:
            continue
        opened, one_way, time_left, pair = t.open_node[t.group[k]], t.one_way_us[tree], t.time_left[k], t.pair[k]
        bound, stay, away_node, away_cost = t.bound[k], t.stay[k], t.away_node[k], t.away_cost[k]
        kbps, up_kbps, down_kbps = t.cost_kbps[:, k], t.route_up[:, k], t.route_down[:, k]
        pair_row, pair_amount = np.where(t.pair_base[:, k] < 0, -1, t.pair_row + t.pair_base[:, k]), t.pair_amount[:, k]
        room = ptr[k + 1] - ptr[k]
        first = ptr[k]
        kept = 0
        for h in range(t.model_ptr[t.model[k]], t.model_ptr[t.model[k] + 1]):
            n = t.node[h]
            servers = _servers_on(
                n,
                opened,
                bound,
                stay,
                one_way,
                time_left,
                pair + t.local[h],
                t.size_ptr,
                t.size_least,
                t.size_need,
                t.most[h],
            )
            if servers == 0:
                continue
            legal[k] += 1
            if room == 0:
                continue
            value = item_price[k]
            value += scale * _won(servers, t.host_cost[h], n, kbps, t.cost_weight, charge, away_node, away_cost)
            if priced:
                worth = servers * host_price[h]
                value += _worth(worth, n, h, up_kbps, down_kbps, up, down, pair_row, t.pair_slot, pair_amount, pair_price)
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


@numba.njit(cache=True, nogil=True)
def _sum_tree(
    parent: Ints32, arc: Ints32, source: int, reverse: Ints, arc_up: Ints, cost_arc: Ints, up: Ints, down: Ints,
    charge: Ints, stack: Ints,
) -> None:  # fmt: skip
    """Prices and charges along every way of one tree; there are no prices where `arc_up` is empty."""
    for q in range(len(arc_up)):
        sum_along(parent, arc, source, arc_up[q], up[q], stack)
        sum_along(parent, arc, source, arc_up[q][reverse], down[q], stack)
    for q in range(len(cost_arc)):
        sum_along(parent, arc, source, cost_arc[q], charge[q], stack)


# The helpers below take plain numbers and arrays: handing the whole tuple of tables over would copy it at each call.


@numba.njit(cache=True, nogil=True)
def _servers_on(
    n: int, opened: Bools, bound: bool, stay: int, one_way: Ints32, time_left: int, pair: int, size_ptr: Ints,
    size_least: Ints, size_need: Ints, most: int,
) -> int:  # fmt: skip
    """Fewest servers of one profile with which node n can serve an item legally; 0 when it cannot."""
    if not opened[n] or (bound and stay != n) or one_way[n] == UNREACHABLE_US:
        return 0
    servers = fewest_servers(size_ptr, size_least, size_need, pair, time_left - 2 * one_way[n])
    return int(servers) if servers <= most else 0


@numba.njit(cache=True, nogil=True)
def _won(
    servers: int, host_cost: int, n: int, kbps: Ints, weight: Ints, charge: Ints, away_node: int, away_cost: int
) -> int:
    """What `servers` servers on a host of node n cost for one copy of an item, in won a month."""
    won = servers * host_cost
    for q in range(len(weight)):
        carried = -(-(kbps[q] * charge[q, n]) // 1_000_000)
        won += -(-(carried * weight[q]) // 1000)
    if away_node >= 0 and away_node != n:
        won += away_cost
    return int(won)


@numba.njit(cache=True, nogil=True)
def _worth(
    worth: int, n: int, h: int, up_kbps: Ints, down_kbps: Ints, up: Ints, down: Ints, row: Ints, slot: Ints, amount: Ints,
    price: Ints,
) -> int:  # fmt: skip
    """`worth` of the servers plus what the copy's traffic and pair loads are worth at the prices."""
    for q in range(len(up_kbps)):
        worth += up_kbps[q] * up[q, n] + down_kbps[q] * down[q, n]
    for q in range(len(row)):
        if row[q] >= 0 and slot[q, h] >= 0:
            worth += amount[q] * price[row[q] + slot[q, h]]
    return int(worth)


@dataclass(frozen=True)
class Filling:
    """Copies that found room: one copy of item `item[i]` as `servers[i]` servers on host `host[i]`."""

    item: Ints
    host: Ints
    servers: Ints


def fill(tables: Tables, prices: Ints, scale: int, order: Ints, copies: Ints, penalty: Ints, residual: Ints) -> Filling:
    """Place copies one by one on the legal host that is cheapest at the prices and still has room.

    Parameters
    ----------
    prices : int64 array over all rows
        In 1/`scale` won; they steer away from what is scarce.
    order : int64 array
        Items in the order in which they choose; `copies` gives how many copies of each.
    penalty : int64 array of shape (K,)
        No copy is placed where that costs as much as leaving it out.
    residual : int64 array over all rows
        Room that is left; reduced in place.
    """
    host_price, arc_up, _ = _prices_of(tables, prices)
    out = np.zeros((3, int(copies.sum())), np.int64)
    placed = _fill(tables, order, copies, scale, host_price, arc_up, prices, penalty, residual, out)
    return Filling(*out[:, :placed])


@numba.njit(cache=True, nogil=True)
def _fill(
    t: Tables, order: Ints, copies: Ints, scale: int, host_price: Ints, arc_up: Ints, price: Ints, penalty: Ints,
    residual: Ints, out: Ints,
) -> int:  # fmt: skip
    nodes = t.one_way_us.shape[1]
    flows, charges = len(t.route_row), len(t.cost_weight)
    up, down = np.zeros((flows, nodes), np.int64), np.zeros((flows, nodes), np.int64)
    charge, stack = np.zeros((charges, nodes), np.int64), np.zeros(nodes, np.int64)
    placed, here = 0, -1
    for i in range(len(order)):
        k = order[i]
        if not t.placeable[k]:
            continue
        tree = t.tree[k]
        if tree != here:
            here = tree
            _sum_tree(
                t.parent[tree], t.arc[tree], t.source[tree], t.arc_reverse, arc_up, t.cost_arc, up, down, charge, stack
            )
        opened, one_way, time_left, pair = t.open_node[t.group[k]], t.one_way_us[tree], t.time_left[k], t.pair[k]
        bound, stay, away_node, away_cost = t.bound[k], t.stay[k], t.away_node[k], t.away_cost[k]
        kbps, up_kbps, down_kbps = t.cost_kbps[:, k], t.route_up[:, k], t.route_down[:, k]
        pair_row, pair_amount = np.where(t.pair_base[:, k] < 0, -1, t.pair_row + t.pair_base[:, k]), t.pair_amount[:, k]
        left = copies[i]
        while left > 0:
            best, best_value, best_servers = -1, 0, 0
            for h in range(t.model_ptr[t.model[k]], t.model_ptr[t.model[k] + 1]):
                n = t.node[h]
                servers = _servers_on(
                    n, opened, bound, stay, one_way, time_left, pair + t.local[h], t.size_ptr, t.size_least, t.size_need,
                    t.most[h],
                )  # fmt: skip
                if servers == 0:
                    continue
                won = _won(servers, t.host_cost[h], n, kbps, t.cost_weight, charge, away_node, away_cost)
                if won >= penalty[k]:
                    continue
                worth = servers * host_price[h]
                worth = _worth(worth, n, h, up_kbps, down_kbps, up, down, pair_row, t.pair_slot, pair_amount, price)
                value = won * scale + worth
                if (best < 0 or value < best_value) and _load(t, k, h, servers, tree, residual, 0):
                    best, best_value, best_servers = h, value, servers
            if best < 0:
                break
            while left > 0 and _load(t, k, best, best_servers, tree, residual, 1):
                out[0, placed], out[1, placed], out[2, placed] = k, best, best_servers
                placed += 1
                left -= 1
    return placed


@numba.njit(cache=True, nogil=True)
def _load(t: Tables, k: int, h: int, servers: int, tree: int, residual: Ints, take: int) -> bool:
    """Whether a copy fits into what is left; with `take` 1 it is put there, if it fits."""
    for commit in range(1 + take):
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
            n = t.parent[tree, n]
    return True


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
