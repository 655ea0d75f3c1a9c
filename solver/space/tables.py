"""The factors of all rules as arrays, for compiled loops; and what these say of a single place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.facts.routes import UNREACHABLE_US
from solver.space.sizing import fewest_servers

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Tables(NamedTuple):
    """Factors as arrays: K items, H hosts and S places to stay, N nodes, T trees, 2L arcs; leading axes count factors."""

    tree: Ints  # [K] tree of each item's fastest ways
    variant: Ints  # [T, V] trees of the variants of the ways of each such tree, itself first, -1 none
    regular: int  # H
    stay: Ints  # [K] place where an item stays, -1 for none
    stay_servers: Ints  # [K] servers it has there
    stay_cost: Ints  # [K] money for staying, beside what servers and traffic cost
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
    host_cost: Ints  # [H + S] money a server
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
    cost_arc: Ints  # [streams, 2L] money a Gbit/s and month
    cost_weight: Ints  # [charges] thousandths
    pair_row: Ints  # [.] first row of each pair factor
    pair_base: Ints  # [., K]
    pair_slot: Ints  # [., H + S]
    pair_amount: Ints  # [., K]
    away_node: Ints  # [K] node on which an item runs now, -1 for none
    away_cost: Ints  # [K] money for not staying
    crowd_cost: Ints  # [., K] money for not staying, yet loading a row that is overfull
    overfull: Bools  # [., rows]


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
def crowding(t: Tables, k: int, h: int, tree: int) -> int:
    """What item k pays on host h over the ways of a tree, in money a month, for loading rows that are overfull already."""
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
