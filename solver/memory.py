"""What one solve leaves to the next: its plan, its prices and its columns, carried over to a changed problem by ids.

Nothing of it is believed. Placements that are no longer legal, or no longer fit, are left behind; sizes are worked out anew;
prices only steer, and bound whatever they bound in the new problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.filling import Filling
from solver.options import Listed, Space
from solver.plan import Plan
from solver.pricing import servers_needed
from solver.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Memory:
    """A finished solve, in the numbers of its own problem.

    Attributes
    ----------
    problem, plan : Problem, Plan
        What was asked and what was answered.
    workload, node, profile : int64[C]
        The columns: options that the engines looked at, each by a workload that may take it.
    rows : tuple of (rule, key, resource)
        Rows with a price, and
    price : float64[P]
        what a unit of each is worth, in won.
    """

    problem: Problem
    plan: Plan
    workload: Ints
    node: Ints
    profile: Ints
    rows: tuple[tuple[str, str, str], ...]
    price: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Carried:
    """A memory in the numbers of a new space.

    `plan` holds the copies whose old place is still legal by itself; together they may overfill rows. `item`, `host` and
    `servers` are the columns. `price` is a unit's worth on every row of the space, in 1/`scale` won.
    """

    plan: Filling
    item: Ints
    host: Ints
    servers: Ints
    price: Ints
    scale: int


#: Units of a won in which prices are carried over.
_SCALE = 1024


def remember(space: Space, listed: Listed, plan: Plan, row_price: Ints, scale: int) -> Memory:
    """What a solve leaves behind: its plan, the listed options and the prices of the listed rows."""
    items, hosts = space.items, space.hosts
    priced = np.flatnonzero(row_price)
    labels = [space.row_label(row) for row in listed.row[priced].tolist()]
    return Memory(
        items.problem, plan, items.workload[listed.item], hosts.node[listed.host], hosts.profile[listed.host],
        tuple((rows.rule, rows.names[r], rows.resource) for rows, r in labels), row_price[priced] / scale,
    )  # fmt: skip


def carry_over(space: Space, memory: Memory) -> Carried:
    """Bring a memory into the numbers of a space; what has no counterpart there is dropped."""
    old, new, items = memory.problem, space.items.problem, space.items
    workload = _renumber([w.id for w in old.workloads], {w.id: n for n, w in enumerate(new.workloads)})
    node = _renumber([n.id for n in old.nodes], new.node_index)
    profile = _renumber([p.id for p in old.profiles], {p.id: n for n, p in enumerate(new.profiles)})
    shards = np.array([w.shards for w in new.workloads], np.int64)
    first = np.concatenate(([0], np.cumsum(shards)))
    item_of = np.full(int(first[-1]), -1, np.int64)
    item_of[first[items.member_workload] + items.member_shard] = np.repeat(np.arange(len(items)), items.count)

    def found(w: Ints, shard: Ints, n: Ints, f: Ints) -> tuple[Ints, Ints, Ints]:
        """The legal ones among (workload, shard, node, profile), as item, host and servers."""
        known = (w >= 0) & (n >= 0) & (f >= 0)
        known[known] = shard[known] < shards[w[known]]
        item = item_of[first[w[known]] + shard[known]]
        host = _hosts(space, item, n[known], f[known])
        item, host = item[host >= 0], host[host >= 0]
        servers = servers_needed(space.tables, item, host)
        return item[servers > 0], host[servers > 0], servers[servers > 0]

    plan = memory.plan
    kept = Filling(*found(workload[plan.workload], plan.shard, node[plan.node], profile[plan.profile]))
    columns = found(workload[memory.workload], np.zeros_like(memory.workload), node[memory.node], profile[memory.profile])
    return Carried(kept, *columns, _prices(space, memory), _SCALE)


def _renumber(old: Sequence[str], new: dict[str, int]) -> Ints:
    return np.array([new.get(name, -1) for name in old], np.int64)


def _hosts(space: Space, item: Ints, node: Ints, profile: Ints) -> Ints:
    """The host of each (node, profile) that runs the item's model, or -1."""
    hosts, nodes = space.hosts, len(space.items.problem.nodes)
    if not len(hosts) or not len(item):
        return np.full(len(item), -1, np.int64)
    key = hosts.profile * nodes + hosts.node
    order = np.argsort(key, kind="stable")
    asked = profile * nodes + node
    at = np.minimum(np.searchsorted(key[order], asked), len(order) - 1)
    host = order[at]
    model = np.searchsorted(hosts.model_ptr, host, side="right") - 1
    return np.where((key[host] == asked) & (model == space.tables.model[item]), host, -1)


def _prices(space: Space, memory: Memory) -> Ints:
    price = np.zeros(space.row_count, np.int64)
    known = dict(zip(memory.rows, memory.price.tolist(), strict=True))
    for offset, rows in zip(space.row_offset.tolist(), space.rows, strict=False):
        for position, name in enumerate(rows.names):
            worth = known.get((rows.rule, name, rows.resource))
            if worth is not None:
                price[offset + position] = int(min(worth * _SCALE, 2.0**50))
    return price
