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
from solver.facts.regions import nearest_of, regions
from solver.facts.routes import UNREACHABLE_US, Routes, arcs_of, keep_routes, routes, with_parallel_links
from solver.rules import ROUTES, RULES
from solver.rules.factors import Factor, LoadFactor, OpenLinks
from solver.rules.items import Hosts, Items, hosts_of, items_of
from solver.space import loading
from solver.space.frame import Accounts, Frame
from solver.space.kinds import KINDS, host_rows, item_rows, loads_of, open_links, stacked
from solver.space.merging import of_kind
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


def space_of(problem: Problem, executor: Executor | None = None) -> Space:
    """Compile every rule of a problem into the space of its legal options. Threads of `executor` help."""
    items = items_of(problem, prices_of_staying(problem))
    hosts = hosts_of(problem, items)
    on_links: list[Factor] = [f for rule in ROUTES for f in rule.compile(problem, items, hosts)]
    # The other rules are asked while trees grow: that leaves the interpreter to them.
    with ThreadPoolExecutor(1) as aside:
        growing = aside.submit(trees_of, problem, items, on_links, executor)
        if executor is None:
            growing.result()
        others: list[Factor] = [f for rule in RULES if rule not in ROUTES for f in rule.compile(problem, items, hosts)]
        if of_kind(others, OpenLinks):
            raise TypeError("a rule that opens or shuts links must stand among those on routes")
        standing = standing_loads(problem)
        return space_from(items, hosts, on_links + others, growing.result(), standing)


def space_from(
    items: Items, hosts: Hosts, factors: Sequence[Factor], trees: Trees, standing: Mapping[str, list[tuple[Ints, Ints]]]
) -> Space:
    """The space of what factors of all rules say together; `standing` as in :func:`_accounts`."""
    nodes, links = len(items.problem.nodes), len(items.problem.links)
    accounts = _accounts(factors, standing)
    frame = Frame(len(items), len(hosts), nodes, links, accounts)
    kinds = stacked((kind for kind in KINDS if kind is not open_links), factors, frame)
    table, variant = with_parallel_links(trees.fastest, arcs_of(items.problem), trees.links_open, kinds["fills"])
    most = _most(kinds, accounts, hosts)
    stays = stays_of(items, hosts, table, variant[trees.tree])
    model = {name: m for m, name in enumerate(hosts.models)}
    tables = Tables(
        regular=int(hosts.group_ptr[-1]), current=items.current,
        model=np.array([model[w.model] for w in items.like], np.int64), model_group=hosts.model_group, group=hosts.group_ptr,
        node=hosts.node, most=most, longest=max(nodes, int(np.diff(stays.stay_ptr).max(initial=0))),
        placeable=kinds["open_items"] & item_rows.placeable(kinds["item_rows"], accounts.capacity),
        **stays._asdict(), **_routes(trees, table, variant, links),
        **_sized(kinds["time_left"], items, hosts, trees.tree, table, variant, most),
        **{name: arrays for name, arrays in kinds.items() if name in Tables._fields},
    )  # fmt: skip
    penalty, must = kinds["unplaced_cost"], kinds["must_place"]
    return Space(
        items, hosts, table, _binding(tables, penalty, must, items.count), penalty, must, accounts.rows, accounts.offset,
        accounts.capacity, _largest(factors, accounts), tables,
    )  # fmt: skip


def trees_of(problem: Problem, items: Items, on_links: Sequence[Factor], executor: Executor | None) -> Trees:
    """One shortest-path tree for each (entry node, allowed links) that some item needs."""
    entry = np.array([problem.node_index[problem.access_of(w).node] for w in items.like], np.int64)
    frame = Frame(len(items), 0, len(problem.nodes), len(problem.links))
    mask, links_open = open_links.stack(of_kind(on_links, OpenLinks), frame)
    sources, tree = np.unique(np.stack((entry, mask)), axis=1, return_inverse=True)
    table = routes(arcs_of(problem), sources[0].astype(np.int64), sources[1].astype(np.int64), links_open, executor)
    keep_routes(problem, table, links_open)
    return Trees(tree.reshape(-1).astype(np.int64), table, links_open)


def _routes(trees: Trees, table: Routes, variant: Ints, links: int) -> Columns:
    """The routes of all items, and what is nearest on them."""
    region = regions(trees.fastest)
    nearest, inward = nearest_of(table.route_us, region, int(region.max(initial=0)) + 1)
    reverse = np.roll(np.arange(2 * links, dtype=np.int64), links)
    return {
        "tree": trees.tree, "variant": variant, "region": region, "nearest": nearest, "inward": inward,
        "route_us": table.route_us, "arc": table.arc, "tail": table.tail, "arc_reverse": reverse,
    }  # fmt: skip


def _accounts(factors: Sequence[Factor], standing: Mapping[str, list[tuple[Ints, Ints]]]) -> Accounts:
    """The rows of all load factors. `standing` is what is in force loads those of each rule with, and what of it stays.

    What runs may leave a limit broken, though not break it further; what stays as it is takes its capacity.
    """
    rows = tuple(f.rows for f in factors if isinstance(f, LoadFactor))
    offset = np.concatenate(([0], np.cumsum([len(table.capacity) for table in rows]))).astype(np.int64)
    left = {rule: iter(tables) for rule, tables in standing.items()}
    capacity = [one.capacity.copy() for one in rows]
    for which, one in enumerate(rows):
        if not one.net:
            held, fixed = next(left[one.rule])
            capacity[which] = np.maximum(capacity[which], held) - fixed
    return Accounts(rows, offset, np.concatenate([*capacity, np.zeros(0, np.int64)]))


def _most(kinds: Mapping[str, Any], accounts: Accounts, hosts: Hosts) -> Ints:
    """Servers that each host has capacity for when nothing else is placed; rules shut no place to stay."""
    usable = kinds["open_hosts"]
    usable[int(hosts.group_ptr[-1]) :] = True
    return host_rows.at_most(kinds["host_rows"], accounts.capacity, np.where(usable, np.int64(MOST_SERVERS), 0))


def _sized(time_left: Ints, items: Items, hosts: Hosts, tree: Ints, table: Routes, variant: Ints, most: Ints) -> Columns:
    """The servers that need no more time than is left for each item."""
    # Row by row, since the table of a nation is large.
    reached = np.array([int(row.max(initial=0, where=row != UNREACHABLE_US)) for row in table.route_us], np.int64)
    farthest = np.where(variant < 0, 0, reached[variant]).max(axis=1, initial=0)[tree] if len(reached) else time_left * 0
    size_table, sized = sizes_of(items, hosts, time_left, farthest, most)
    return {"size_table": size_table, "size_ptr": sized.ptr, "size_least": sized.least, "size_need": sized.need_us}


def _largest(factors: Sequence[Factor], accounts: Accounts) -> Ints:
    """An upper limit on what one option loads each row with, at least 1."""
    of_each = [
        loads_of(factor).largest(factor, accounts.capacity[accounts.offset[at] : accounts.offset[at + 1]])
        for at, factor in enumerate(f for f in factors if isinstance(f, LoadFactor))
    ]
    return np.concatenate([*of_each, np.zeros(0, np.int64)])


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
