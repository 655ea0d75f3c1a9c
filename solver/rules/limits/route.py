"""New traffic takes the fastest allowed route, there and back. Where demand can fill a link of it, the links beside it,
between the same two nodes, will do as well."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.routes import COMBINATIONS, UNREACHABLE_US, Arcs, Routes, arcs_of, routes, routes_made
from solver.rules.factors import Factor, Fills
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, placements

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    demand = sum((w.uplink_kbps + w.downlink_kbps) * w.devices for w in problem.workloads)
    least = np.array([min(link.capacity_kbps, link.back_kbps) for link in problem.links], np.int64)
    return (Fills(least < demand),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    new = np.flatnonzero(~problem.kept(plan))
    if not len(new):
        return
    arcs, links = arcs_of(problem), problem.links
    policies = {policy.id: policy.transit for policy in problem.policies}
    entry = problem.entry_node[plan.workload]
    rules: dict[frozenset[str] | None, int] = {}
    mask = plan.of_workloads(lambda w: rules.setdefault(policies[problem.workloads[w].policy], len(rules)))
    opened = np.array(
        [[allowed is None or link.jurisdictions <= allowed for link in links] for allowed in rules], bool
    ).reshape(len(rules), len(links))  # fmt: skip
    pairs, which = np.unique(np.stack((entry[new], mask[new])), axis=1, return_inverse=True)
    table, row_of = _trees(problem, arcs, pairs, opened)
    tree = row_of[which.reshape(-1)]
    fastest = _take_the_fastest(
        table.route_us, table.arc, arcs.tail, max(1, len(links)), tree, plan.node[new], plan.route_ptr[new],
        plan.route_ptr[new + 1], plan.route_link,
    )  # fmt: skip
    others = np.flatnonzero(~fastest)
    if not len(others):
        return
    beside = _Beside(problem)
    strays = [
        row for row, r, m in zip(new[others].tolist(), tree[others].tolist(), mask[new[others]].tolist(), strict=True)
        # What takes a link that the policy shuts is for the rule on transit to say.
        if opened[m][plan.route(row)].all()
        and not _follows(table, arcs, r, opened[m], plan.route(row).tolist(), int(plan.node[row]), beside)
    ]  # fmt: skip
    for row, workload, shard, node in placements(problem, plan, np.array(strays, np.int64)):
        number = int(tree[np.searchsorted(new, row)])
        least = int(table.route_us[number, plan.node[row]])
        taken = sum(links[link].round_trip_us for link in plan.route(row).tolist())
        if least == UNREACHABLE_US:
            why = f"no allowed route leads from {problem.access_of(workload).node} to {node.id}"
            yield Violation("route", workload.id, shard, node.id, 1, 0, "route", why)
        else:
            why = f"the route of {workload.id} to {node.id} takes {taken} us there and back; the fastest takes {least} us"
            yield Violation("route", workload.id, shard, node.id, taken, least, "us", why)


class _Beside:
    """Links that join the same two nodes, fastest first, and which of all links demand can fill."""

    def __init__(self, problem: Problem) -> None:
        self.between: dict[frozenset[str], list[int]] = {}
        trip = [link.round_trip_us for link in problem.links]
        for number in sorted(range(len(trip)), key=lambda number: (trip[number], number)):
            link = problem.links[number]
            self.between.setdefault(frozenset((link.source, link.target)), []).append(number)
        self._ends = [frozenset((link.source, link.target)) for link in problem.links]
        streams = ((w.devices * w.uplink_kbps, w.devices * w.downlink_kbps) for w in problem.workloads)
        demand = sum(up + down for up, down in streams)
        self._fills = [link.capacity_kbps < demand or link.back_kbps < demand for link in problem.links]

    def of(self, link: int, opened: Bools) -> list[int]:
        """Links that may stand in for a link of the fastest route, itself first."""
        if not self._fills[link]:
            return [link]
        return [link, *(other for other in self.between[self._ends[link]] if other != link and opened[other])]


def _follows(table: Routes, arcs: Arcs, tree: int, opened: Bools, route: list[int], node: int, beside: _Beside) -> bool:
    """Whether a route is that of a tree to a node, or one that parallel links allow beside it."""
    if table.route_us[tree, node] == UNREACHABLE_US:
        return False
    links = max(1, len(arcs.tail) // 2)
    fastest = [arc % links for arc in table.path(tree, node)]
    if route == fastest:
        return True
    if len(route) != len(fastest):
        return False
    ranks, sizes = [], []
    for taken, link in zip(route, fastest, strict=True):
        members = beside.of(link, opened)
        if taken not in members:
            return False
        if len(members) > 1:
            ranks.append(members.index(taken))
            sizes.append(len(members))
    if prod(sizes) <= COMBINATIONS:
        return True
    return any(ranks == [min(rank, size - 1) for size in sizes] for rank in range(max(sizes)))


@kernel
def _take_the_fastest(
    route_us: npt.NDArray[np.int32], arc: npt.NDArray[np.int32], tail: Ints, links: int, tree: Ints, node: Ints, first: Ints,
    end: Ints, route: Ints,
) -> Bools:  # fmt: skip
    """Which routes, ``route[first[i]:end[i]]``, are that of tree ``tree[i]`` to ``node[i]``, link by link."""
    same = np.zeros(len(node), np.bool_)
    for i in range(len(node)):
        n, at = node[i], end[i]
        if route_us[tree[i], n] == UNREACHABLE_US:
            continue
        while arc[tree[i], n] >= 0:
            taken = arc[tree[i], n]
            at -= 1
            if at < first[i] or route[at] != taken % links:
                at = -1
                break
            n = tail[taken]
        same[i] = at == first[i]
    return same


def _trees(problem: Problem, arcs: Arcs, pairs: Ints, opened: Bools) -> tuple[Routes, Ints]:
    """Fastest routes for pairs of entry node and mask: those made before where there are any, but each of them proven."""
    table, made = routes_made(problem)
    keys = [(source, opened[m].tobytes()) for source, m in pairs.T.tolist()]
    if table is None or any(key not in made for key in keys):
        table = routes(arcs, pairs[0].astype(np.int64), pairs[1].astype(np.int64), opened)
        rows = np.arange(len(keys), dtype=np.int64)
    else:
        rows = np.array([made[key] for key in keys], np.int64)
    links = len(opened[0]) if len(opened) else 0
    sure: set[tuple[int, int]] = problem.memo.setdefault("proven routes", set())
    unproven = np.array([(id(table), row) not in sure for row in rows.tolist()], bool)
    for m in range(len(opened)):
        mine = np.flatnonzero((pairs[1] == m) & unproven)
        usable = np.concatenate((opened[m], opened[m]))
        proven = _proven(
            table.route_us, table.arc, rows[mine], pairs[0][mine].astype(np.int64), arcs.tail, arcs.head, arcs.round_trip_us,
            usable, links,
        )  # fmt: skip
        if not proven:
            raise RuntimeError("the fastest routes of a network are not the fastest")
    if table is problem.memo.get("routes", (None,))[0]:
        sure.update((id(table), row) for row in rows.tolist())
    return table, rows


@kernel
def _proven(
    route_us: npt.NDArray[np.int32], arc: npt.NDArray[np.int32], rows: Ints, source: Ints, tail: Ints, head: Ints,
    trip: Ints, usable: Bools, links: int,
) -> bool:  # fmt: skip
    """Whether trees are those of the fastest routes: distances that no arc shortens, reached by the first arc that is tight.

    The distance of a node is its round trip and then its hops. Distances that fall along every arc of the tree by that arc's
    length, and that no other arc would lower, are shortest ones; a node out of reach has no arc that leads to it.
    """
    nodes = route_us.shape[1]
    hops = np.zeros(nodes, np.int64)
    for i in range(len(rows)):
        r = rows[i]
        hops[:] = -1
        hops[source[i]] = 0
        if route_us[r, source[i]] != 0 or arc[r, source[i]] >= 0:
            return False
        for n in range(nodes):
            depth, at = 0, n
            while hops[at] < 0 and arc[r, at] >= 0 and depth <= nodes:
                depth += 1
                at = tail[arc[r, at]]
            if hops[at] < 0:
                if route_us[r, n] != UNREACHABLE_US:
                    return False
                continue
            base, at = hops[at], n
            while depth > 0:
                hops[at] = base + depth
                depth -= 1
                at = tail[arc[r, at]]
        for n in range(nodes):
            if arc[r, n] >= 0:
                a = arc[r, n]
                if not usable[a] or head[a] != n or route_us[r, tail[a]] + trip[a] != route_us[r, n]:
                    return False
        for a in range(len(tail)):
            u, v = tail[a], head[a]
            if not usable[a] or hops[u] < 0:
                continue
            reached = route_us[r, u] + trip[a]
            if reached >= UNREACHABLE_US:
                continue
            if hops[v] < 0 or reached < route_us[r, v] or (reached == route_us[r, v] and hops[u] + 1 < hops[v]):
                return False
            if reached == route_us[r, v] and hops[u] + 1 == hops[v] and a % links < arc[r, v] % links:
                return False
    return True
