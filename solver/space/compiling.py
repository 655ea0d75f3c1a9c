"""From what every rule says to the space of options: factors of all rules, merged and stacked into tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.facts.placement import MOST_SERVERS
from solver.facts.problem import Problem
from solver.facts.routes import (
    UNREACHABLE_US,
    Arcs,
    Routes,
    arcs_of,
    keep_routes,
    nearest_of,
    regions,
    routes,
    with_parallel_links,
)
from solver.rules import RULES, WAYS
from solver.rules.factors import (
    AwayCost,
    CrowdCost,
    Factor,
    Fills,
    HostCost,
    HostRows,
    ItemRows,
    LoadFactor,
    MustPlace,
    OpenHosts,
    OpenItems,
    OpenLinks,
    OpenNodes,
    PairRows,
    RouteCost,
    RouteRows,
    Rows,
    StayAt,
    StayCost,
    TimeLeft,
    UnplacedCost,
)
from solver.rules.items import Hosts, Items, hosts_of, items_of
from solver.space import loading
from solver.space.merging import added, all_of, any_of, bound_to, crowding, met, of_kind
from solver.space.options import Space
from solver.space.sizing import sizes_of
from solver.space.standing import prices_of_staying, standing_loads, stays_of
from solver.space.tables import Tables

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Some columns of :class:`Tables`, by name.
Columns = dict[str, Any]


@dataclass(frozen=True)
class Trees:
    """Shortest-path trees: `tree[k]` is item k's in `fastest`; each mask of that leaves `links_open[mask]` open."""

    tree: Ints
    fastest: Routes
    links_open: Bools


@dataclass(frozen=True)
class Accounts:
    """The rows of all load factors one after the other: those of ``rows[i]`` are ``offset[i]:offset[i + 1]``.

    `capacity` is what is free for items.
    """

    rows: tuple[Rows, ...]
    offset: Ints
    capacity: Ints

    def first(self, rows: Rows) -> int:
        """Where the rows of one factor begin."""
        return int(self.offset[next(i for i, one in enumerate(self.rows) if one is rows)])

    def shifted(self, row: Ints, rows: Rows) -> Ints:
        """Rows of one factor, -1 for none, in the numbers of all."""
        return np.where(row < 0, -1, row + self.first(rows))


def space_of(problem: Problem, executor: Executor | None = None) -> Space:
    """Compile every rule of a problem into the space of its legal options. Threads of `executor` help."""
    items = items_of(problem, prices_of_staying(problem))
    hosts, arcs = hosts_of(problem, items), arcs_of(problem)
    ways: list[Factor] = [f for rule in WAYS for f in rule.compile(problem, items, hosts)]
    # The other rules are asked while trees grow: that leaves the interpreter to them.
    with ThreadPoolExecutor(1) as aside:
        growing = aside.submit(_trees, problem, items, of_kind(ways, OpenLinks), arcs, executor)
        if executor is None:
            growing.result()
        others: list[Factor] = [f for rule in RULES if rule not in WAYS for f in rule.compile(problem, items, hosts)]
        if of_kind(others, OpenLinks):
            raise TypeError("a rule that opens or shuts links must stand among those on ways")
        factors = ways + others
        doors = _doors(factors, items, len(problem.nodes))
        standing = standing_loads(problem)
        trees = growing.result()
    fills = any_of((f.fills for f in of_kind(factors, Fills)), len(problem.links))
    table, variant = with_parallel_links(trees.fastest, arcs, trees.links_open, fills)
    accounts = _accounts(factors, standing)
    doors["placeable"] &= _enterable(of_kind(factors, ItemRows), accounts, len(items))
    most = _most(factors, accounts, hosts)
    model = {name: m for m, name in enumerate(hosts.models)}
    tables = Tables(
        regular=int(hosts.lane_ptr[-1]), model=np.array([model[w.model] for w in items.like], np.int64),
        model_lane=hosts.model_lane, lane=hosts.lane_ptr, node=hosts.node, most=most,
        **doors, **_ways(trees, table, variant, len(problem.links)), **_loads(factors, accounts, items, hosts),
        **_charges(factors, accounts, items, hosts), **stays_of(items, hosts, table, variant[trees.tree])._asdict(),
        **_sized(factors, items, hosts, trees.tree, table, variant, most),
    )  # fmt: skip
    penalty = added((f.cost for f in of_kind(factors, UnplacedCost)), len(items))
    must = any_of((f.must for f in of_kind(factors, MustPlace)), len(items))
    return Space(
        items, hosts, table, _binding(tables, penalty, must, items.count), penalty, must, accounts.rows, accounts.offset,
        accounts.capacity, _largest(factors, accounts), tables,
    )  # fmt: skip


def _trees(problem: Problem, items: Items, doors: Sequence[OpenLinks], arcs: Arcs, executor: Executor | None) -> Trees:
    """One shortest-path tree for each (entry node, allowed links) that some item needs."""
    entry = np.array([problem.node_index[problem.access_of(w).node] for w in items.like], np.int64)
    mask, links_open = met([door.key for door in doors], [door.open for door in doors], len(items), len(problem.links))
    # Masks that leave the same links open share their trees.
    links_open, same = np.unique(links_open, axis=0, return_inverse=True)
    mask = same.reshape(-1)[mask]
    sources, tree = np.unique(np.stack((entry, mask)), axis=1, return_inverse=True)
    table = routes(arcs, sources[0].astype(np.int64), sources[1].astype(np.int64), links_open, executor)
    keep_routes(problem, table, links_open)
    return Trees(tree.reshape(-1).astype(np.int64), table, links_open)


def _doors(factors: Sequence[Factor], items: Items, nodes: int) -> Columns:
    """Which items may be placed, and on which nodes."""
    closers, bound = of_kind(factors, OpenNodes), bound_to(of_kind(factors, StayAt), len(items))
    group, open_node = met([f.key for f in closers], [f.open for f in closers], len(items), nodes)
    placeable = all_of((f.open for f in of_kind(factors, OpenItems)), len(items))
    return {"placeable": placeable, "group": group, "open_node": open_node, "bound": bound.bound, "bound_to": bound.node}


def _ways(trees: Trees, table: Routes, variant: Ints, links: int) -> Columns:
    """The ways of all items, and what is nearest on them."""
    region = regions(trees.fastest)
    nearest, inward = nearest_of(table.way_us, region, int(region.max(initial=0)) + 1)
    reverse = np.roll(np.arange(2 * links, dtype=np.int64), links)
    return {
        "tree": trees.tree, "variant": variant, "region": region, "nearest": nearest, "inward": inward,
        "way_us": table.way_us, "arc": table.arc, "tail": table.tail, "arc_reverse": reverse,
    }  # fmt: skip


def _accounts(factors: Sequence[Factor], standing: Mapping[str, list[tuple[Ints, Ints]]]) -> Accounts:
    """The rows of all load factors. `standing` is what is in force loads those of each rule with, and what of it stays.

    What runs may leave a limit broken, though not break it further; what stays as it is takes its room.
    """
    rows = tuple(f.rows for f in factors if isinstance(f, LoadFactor))
    offset = np.concatenate(([0], np.cumsum([len(table.capacity) for table in rows]))).astype(np.int64)
    left = {rule: iter(tables) for rule, tables in standing.items()}
    capacity = [one.capacity.copy() for one in rows]
    for which, one in enumerate(rows):
        if not one.net:
            held, fixed = next(left[one.rule])
            capacity[which] = np.maximum(capacity[which], held) - fixed
    return Accounts(rows, offset, np.concatenate(capacity))


def _enterable(factors: Sequence[ItemRows], accounts: Accounts, items: int) -> Bools:
    """Items of which one copy fits the rows that every option of theirs loads."""
    fits = np.ones(items, bool)
    for factor in factors:
        room = accounts.capacity[accounts.first(factor.rows) + np.maximum(factor.row, 0)]
        fits &= (factor.row < 0) | (factor.amount <= room)
    return fits


def _most(factors: Sequence[Factor], accounts: Accounts, hosts: Hosts) -> Ints:
    """Servers that each host has room for when nothing else is placed."""
    usable = all_of((f.open for f in of_kind(factors, OpenHosts)), len(hosts))
    usable[int(hosts.lane_ptr[-1]) :] = True
    most = np.where(usable, np.int64(MOST_SERVERS), 0)
    for factor in of_kind(factors, HostRows):
        row, amount = accounts.shifted(factor.row, factor.rows), factor.per_server
        room = accounts.capacity[np.maximum(row, 0)] // np.maximum(amount, 1)
        most = np.where((row >= 0) & (amount > 0), np.minimum(most, room), most)
    return most


def _loads(factors: Sequence[Factor], accounts: Accounts, items: Items, hosts: Hosts) -> Columns:
    """What options load of which rows."""
    by_host, by_item = of_kind(factors, HostRows), of_kind(factors, ItemRows)
    by_route, by_pair = of_kind(factors, RouteRows), of_kind(factors, PairRows)
    return {
        "host_row": _stack([accounts.shifted(f.row, f.rows) for f in by_host], len(hosts)),
        "host_amount": _stack([f.per_server for f in by_host], len(hosts)),
        "item_price_row": _stack([accounts.shifted(f.row, f.rows) for f in by_item], len(items)),
        "item_amount": _stack([f.amount for f in by_item], len(items)),
        "route_row": np.array([accounts.first(f.rows) for f in by_route], np.int64),
        "route_up": _stack([f.up for f in by_route], len(items)),
        "route_down": _stack([f.down for f in by_route], len(items)),
        "pair_row": np.array([accounts.first(f.rows) for f in by_pair], np.int64),
        "pair_base": _stack([f.base for f in by_pair], len(items)),
        "pair_slot": _stack([f.slot for f in by_pair], len(hosts)),
        "pair_amount": _stack([f.amount for f in by_pair], len(items)),
    }


def _charges(factors: Sequence[Factor], accounts: Accounts, items: Items, hosts: Hosts) -> Columns:
    """What options cost."""
    by_route, arcs = of_kind(factors, RouteCost), 2 * len(items.problem.links)
    overfull, crowd_cost = crowding(of_kind(factors, CrowdCost), accounts.rows, len(items))
    return {
        "host_cost": added((f.per_server for f in of_kind(factors, HostCost)), len(hosts)),
        "cost_ptr": np.concatenate(([0], np.cumsum([len(f.kbps) for f in by_route]))).astype(np.int64),
        "cost_kbps": _stack([kbps for f in by_route for kbps in f.kbps], len(items)),
        "cost_arc": _stack([price for f in by_route for price in f.per_gbps], arcs),
        "cost_weight": np.array([f.weight for f in by_route], np.int64),
        "away_node": items.current,
        "away_cost": added((f.cost for f in of_kind(factors, AwayCost)), len(items)),
        "stay_cost": added((f.cost for f in of_kind(factors, StayCost)), len(items)),
        "crowd_cost": crowd_cost,
        "overfull": overfull,
    }


def _sized(
    factors: Sequence[Factor], items: Items, hosts: Hosts, tree: Ints, table: Routes, variant: Ints, most: Ints
) -> Columns:
    """Time that is left for each item, and the servers that need no more of it."""
    time_left = np.minimum.reduce([f.us for f in of_kind(factors, TimeLeft)])
    # Row by row, since the table of a nation is large.
    reached = np.array([int(row.max(initial=0, where=row != UNREACHABLE_US)) for row in table.way_us], np.int64)
    farthest = np.where(variant < 0, 0, reached[variant]).max(axis=1, initial=0)[tree] if len(reached) else time_left * 0
    pair, sized = sizes_of(items, hosts, time_left, farthest, most)
    return {
        "time_left": time_left, "pair": pair, "size_ptr": sized.ptr, "size_least": sized.least, "size_need": sized.need_us,
    }  # fmt: skip


def _largest(factors: Sequence[Factor], accounts: Accounts) -> Ints:
    """An upper limit on what one option loads each row with, at least 1."""
    parts = []
    for factor, begin in zip((f for f in factors if isinstance(f, LoadFactor)), accounts.offset.tolist(), strict=False):
        capacity = accounts.capacity[begin : begin + len(factor.rows.capacity)]
        if isinstance(factor, RouteRows):
            parts.append(np.full(len(capacity), max(1, int(factor.up.max(initial=0)), int(factor.down.max(initial=0)))))
        elif isinstance(factor, PairRows):
            parts.append(np.full(len(capacity), max(1, int(factor.amount.max(initial=0)))))
        else:
            # An option that would overfill a row of a host or an item on its own is not legal.
            parts.append(np.maximum(1, capacity))
    return np.concatenate(parts)


def _binding(tables: Tables, penalty: Ints, must: Bools, count: Ints) -> Ints:
    """Penalties that nothing outweighs for items that have to be placed.

    All of them can stay where they run, so no plan as cheap as that leaves one of them out if doing so costs more than that
    plan does as a whole.
    """
    if not must.any():
        return penalty
    staying = np.flatnonzero(must)
    stays = np.empty(len(staying), np.int64)
    loading.costs(tables, staying, tables.stay[staying], tables.stay_servers[staying], stays, 0, len(staying))
    whole = int((stays * count[staying]).sum()) + int((penalty * count)[~must].sum())
    return np.where(must, whole + 1, penalty)


def _stack(columns: Sequence[Ints], width: int) -> Ints:
    return np.ascontiguousarray(np.array(columns, np.int64).reshape(len(columns), width))
