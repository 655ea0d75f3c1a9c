"""What runs now, as the space of options sees it: what it loads, what staying costs, and where items stay."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.facts.problem import Problem
from solver.facts.routes import UNREACHABLE_US, Routes
from solver.facts.walk import walk
from solver.rules import TOTALS
from solver.rules.factors import LoadFactor
from solver.rules.goals import disturbed
from solver.rules.goals.disturbed import price_of_staying
from solver.rules.items import Hosts, Items, standing_hosts, standing_items
from solver.space.frame import Running
from solver.space.kinds import loads_of

Ints = npt.NDArray[np.int64]


class Stays(NamedTuple):
    """Where items stay, columns of :class:`solver.space.tables.Tables`: place, servers, the host that it is, the variant of
    the routes, and the arcs of the route."""

    stay: Ints
    stay_servers: Ints
    stay_home: Ints
    stay_variant: Ints
    stay_ptr: Ints
    stay_arc: Ints


def prices_of_staying(problem: Problem) -> dict[tuple[int, int], int]:
    """What it costs to stay, by workload and shard, for what is free and runs where it should not."""
    return {
        (w, shard): price_of_staying(problem, w, shard, broken)
        for (w, shard), broken in disturbed.in_force(problem).items()
        if problem.workloads[w].is_free(shard)
    }


def standing_loads(problem: Problem) -> dict[str, list[tuple[Ints, Ints]]]:
    """What is in force loads the rows of each rule with, table by table, and the part of it that stays as it is."""
    items, hosts, now = standing_items(problem), standing_hosts(problem), problem.in_force
    onward = walk(problem, now).onward
    arc = now.route_link + len(problem.links) * ~onward
    reverse = now.route_link + len(problem.links) * onward
    running = Running(np.arange(len(now), dtype=np.int64), now.servers, now.route_row, arc, reverse)
    found: dict[str, list[tuple[Ints, Ints]]] = defaultdict(list)
    for rule in TOTALS:
        for factor in rule.compile(problem, items, hosts):
            if not isinstance(factor, LoadFactor):
                continue
            held = np.zeros((2, len(factor.rows.capacity)), np.int64)
            for placement, row, amount in loads_of(factor).held(factor, running):
                loads = row >= 0
                np.add.at(held[0], row[loads], amount[loads])
                loads &= problem.fixed[placement]
                np.add.at(held[1], row[loads], amount[loads])
            found[factor.rows.rule].append((held[0], held[1]))
    return found


def stays_of(items: Items, hosts: Hosts, table: Routes, variants: Ints) -> Stays:
    """Where items stay; `variants[k]` are the trees of item k."""
    problem, now = items.problem, items.problem.in_force
    size, regular = len(items), int(hosts.group_ptr[-1])
    place, servers, home, variant = (np.full(size, -1, np.int64) for _ in range(4))
    place[hosts.stay_item] = regular + np.arange(len(hosts.stay_item))
    running = np.flatnonzero(items.stay >= 0)
    row = items.stay[running]
    servers[running] = now.servers[row]
    columns = (column[:regular].tolist() for column in (hosts.node, hosts.pool, hosts.profile))
    known = {key: h for h, key in enumerate(zip(*columns, strict=True))}
    onward = walk(problem, now).onward
    arcs = now.route_link + len(problem.links) * ~onward
    routes = [arcs[now.route_ptr[r] : now.route_ptr[r + 1]] for r in row.tolist()]
    for k, route, stay in zip(running.tolist(), routes, place[running].tolist(), strict=True):
        n = int(hosts.node[stay])
        home[k] = known.get((n, int(hosts.pool[stay]), int(hosts.profile[stay])), -1)
        for v, tree in enumerate(variants[k].tolist()):
            reached = tree >= 0 and table.route_us[tree, n] != UNREACHABLE_US
            if reached and table.path(tree, n) == route.tolist():
                variant[k] = v
                break
    ptr = np.zeros(size + 1, np.int64)
    ptr[running + 1] = [len(route) for route in routes]
    arcs = np.concatenate([*routes, np.zeros(0, np.int64)]).astype(np.int64)
    return Stays(place, servers, home, variant, np.cumsum(ptr), arcs)
