"""Whether a plan is legal and what it costs, recomputed from the facts.

The verifier believes nothing that a solver says: it reads the network, the workloads and the plan, follows every route
link by link, and asks every rule. It cannot import the packing, an engine or OR-Tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solver.plan import Plan
from solver.problem import Problem
from solver.rules import GOALS, LIMITS, name_of
from solver.rules.violation import Violation


@dataclass(frozen=True)
class Verdict:
    """What the verifier says of a plan.

    `violations` is empty for a legal plan. `cost_by_goal` holds the weighted cost of each goal in won a month, and is
    empty for a plan that is not even well formed. `unplaced` lists (workload, shard) pairs by position.
    """

    violations: tuple[Violation, ...]
    cost_by_goal: dict[str, int]
    unplaced: tuple[tuple[int, int], ...]

    @property
    def ok(self) -> bool:
        """Whether no rule objects."""
        return not self.violations

    @property
    def cost(self) -> int:
        """All goals together, in won a month."""
        return sum(self.cost_by_goal.values())


def verify(problem: Problem, plan: Plan) -> Verdict:
    """Judge a plan for a problem: its form first, then every limit, then its cost."""
    malformed = tuple(form(problem, plan))
    if malformed:
        return Verdict(malformed, {}, ())
    violations = tuple(violation for rule in LIMITS for violation in rule.check(problem, plan))
    costs = {name_of(goal): goal.cost(problem, plan) for goal in GOALS}
    return Verdict(violations, costs, tuple(_unplaced(problem, plan)))


def form(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """What makes a plan meaningless: numbers out of range, a shard placed twice, a route that does not lead there."""
    ranges = {
        "workload": (plan.workload, len(problem.workloads)),
        "node": (plan.node, len(problem.nodes)),
        "profile": (plan.profile, len(problem.profiles)),
        "link": (plan.route_link, len(problem.links)),
    }
    sound = True
    for what, (column, size) in ranges.items():
        for position in np.flatnonzero((column < 0) | (column >= size))[:1].tolist():
            sound = False
            value = int(column[position])
            yield _malformed(None, None, value, size, f"{what} number {value} is outside 0 to {size - 1}")
    if not sound:
        return
    seen: set[tuple[int, int]] = set()
    for row in range(len(plan)):
        w, shard, servers = int(plan.workload[row]), int(plan.shard[row]), int(plan.servers[row])
        workload, node = problem.workloads[w], problem.nodes[plan.node[row]]
        if not 0 <= shard < workload.shards:
            why = f"{workload.id} has shards 0 to {workload.shards - 1}, not {shard}"
            yield _malformed(workload.id, node.id, shard, workload.shards, why)
        if (w, shard) in seen:
            yield _malformed(workload.id, node.id, 2, 1, f"shard {shard} of {workload.id} is placed twice")
        seen.add((w, shard))
        if not 0 < servers <= 1_000_000:
            yield _malformed(workload.id, node.id, servers, 1_000_000, f"{workload.id} has {servers} servers")
        end = _follow(problem, problem.access_of(workload).node, plan.route(row).tolist())
        if end != node.id:
            where = f"ends at {end}" if end else "is not connected"
            yield _malformed(workload.id, node.id, 1, 0, f"the route of {workload.id} to {node.id} {where}")


def _follow(problem: Problem, here: str, route: list[int]) -> str | None:
    """Where a route from node `here` ends; None if a link does not start where the one before it ended."""
    for number in route:
        link = problem.links[number]
        if here not in (link.source, link.target):
            return None
        here = link.target if here == link.source else link.source
    return here


def _malformed(workload: str | None, node: str | None, needed: int, available: int, why: str) -> Violation:
    return Violation("form", workload, None, node, needed, available, "", why)


def _unplaced(problem: Problem, plan: Plan) -> Iterator[tuple[int, int]]:
    placed = set(zip(plan.workload.tolist(), plan.shard.tolist(), strict=True))
    for w, workload in enumerate(problem.workloads):
        yield from ((w, shard) for shard in range(workload.shards) if (w, shard) not in placed)
