"""The factors of all rules as arrays, for compiled loops; and what these say of a single place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.compiled import inlined, kernel
from solver.facts.routes import UNREACHABLE_US
from solver.space.kinds import (
    crowd_cost,
    host_rows,
    item_rows,
    open_nodes,
    pair_rows,
    route_cost,
    route_rows,
    stay_at,
)
from solver.space.sizing import fewest_servers

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Tables(NamedTuple):
    """Factors as arrays: K items, H hosts and S places to stay, N nodes, T trees, 2L arcs.

    The arrays of a kind of factors have its name; see :mod:`solver.space.kinds`.
    """

    tree: Ints  # [K] tree of each item's fastest routes
    variant: Ints  # [T, V] trees of the variants of the routes of each such tree, itself first, -1 none
    regular: int  # H
    current: Ints  # [K] node on which an item runs now, -1 for none
    stay: Ints  # [K] place where an item stays, -1 for none
    stay_servers: Ints  # [K] servers it has there
    stay_home: Ints  # [K] host that this place is, -1 where rules leave none
    stay_variant: Ints  # [K] variant of the routes that its traffic takes, -1 for none of them
    stay_ptr: Ints  # [K + 1] arcs that its traffic takes
    stay_arc: Ints
    longest: int  # arcs that any option's traffic takes at most
    placeable: Bools  # [K]
    model: Ints  # [K]
    size_table: Ints  # [K] size table of the item's load on the first group of its model
    model_group: Ints  # [models + 1] groups of each model
    group: Ints  # [groups + 1] hosts of each group
    node: Ints  # [H + S]
    region: Ints  # [N] region of each node, of G
    nearest: Ints32  # [T, G] us there and back to the nearest node of each region, UNREACHABLE_US where none is within reach
    inward: Ints32  # [T, G] regions, nearest first
    most: Ints  # [H + S] servers that fit the empty node
    size_ptr: Ints
    size_least: Ints
    size_need: Ints
    route_us: Ints32  # [T, N] round trip
    arc: Ints32  # [T, N]
    tail: Ints  # [2L]
    arc_reverse: Ints  # [2L] the same link the other way
    open_nodes: open_nodes.Arrays
    stay_at: stay_at.Arrays
    time_left: Ints  # [K] us
    host_rows: host_rows.Arrays
    item_rows: item_rows.Arrays
    route_rows: route_rows.Arrays
    pair_rows: pair_rows.Arrays
    host_cost: Ints  # [H + S] money a server
    route_cost: route_cost.Arrays
    away_cost: Ints  # [K] won
    stay_cost: Ints  # [K] won
    crowd_cost: crowd_cost.Arrays


@inlined
def host_of(t: Tables, place: int) -> int:
    """The position in columns over hosts and places to stay that a place stands for."""
    return int(place if place < len(t.node) else (place - len(t.node)) % t.regular)


@inlined
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
        if tree < 0 or not t.placeable[k]:
            continue
        if not open_nodes.of_item(t.open_nodes, k)[n] or not stay_at.allows(t.stay_at, k, n):
            continue
        route = t.route_us[tree, n]
        if route == UNREACHABLE_US:
            continue
        group = np.searchsorted(t.group, h, side="right") - 1
        first = t.model_group[t.model[k]]
        if group < first or group >= t.model_group[t.model[k] + 1]:
            continue
        table = t.size_table[k] + group - first
        needed = fewest_servers(t.size_ptr, t.size_least, t.size_need, table, t.time_left[k] - route)
        same = h == t.stay_home[k] and tree == t.variant[t.tree[k], max(0, t.stay_variant[k])] and t.stay_variant[k] >= 0
        if needed <= t.most[h] and not (same and needed == t.stay_servers[k]):
            servers[i] = needed
    return servers
