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
from solver.walk import walk


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
    columns = (plan.workload.tolist(), plan.shard.tolist(), plan.node.tolist(), plan.servers.tolist())
    for w, shard, n, servers, end in zip(*columns, walk(problem, plan).end.tolist(), strict=True):
        workload, node = problem.workloads[w], problem.nodes[n]
        if not 0 <= shard < workload.shards:
            why = f"{workload.id} has shards 0 to {workload.shards - 1}, not {shard}"
            yield _malformed(workload.id, node.id, shard, workload.shards, why)
        if (w, shard) in seen:
            yield _malformed(workload.id, node.id, 2, 1, f"shard {shard} of {workload.id} is placed twice")
        seen.add((w, shard))
        if not 0 < servers <= 1_000_000:
            yield _malformed(workload.id, node.id, servers, 1_000_000, f"{workload.id} has {servers} servers")
        if end != n:
            where = f"ends at {problem.nodes[end].id}" if end >= 0 else "is not connected"
            yield _malformed(workload.id, node.id, 1, 0, f"the route of {workload.id} to {node.id} {where}")


def _malformed(workload: str | None, node: str | None, needed: int, available: int, why: str) -> Violation:
    return Violation("form", workload, None, node, needed, available, "", why)


def _unplaced(problem: Problem, plan: Plan) -> Iterator[tuple[int, int]]:
    placed = set(zip(plan.workload.tolist(), plan.shard.tolist(), strict=True))
    for w, workload in enumerate(problem.workloads):
        yield from ((w, shard) for shard in range(workload.shards) if (w, shard) not in placed)
