"""Whether a plan is legal and what it costs, recomputed from the facts.

The verifier believes nothing that a solver says: it reads the network, the workloads and the plan, follows every route
link by link, and asks every rule. It cannot import the packing, an engine or OR-Tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.facts.placement import MOST_SERVERS
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.walk import walk
from solver.rules import GOALS, LIMITS, SINGLE, name_of
from solver.rules.goals.disturbed import UNLAWFUL, without_room
from solver.rules.violation import Violation, placements


@dataclass(frozen=True)
class Verdict:
    """What the verifier says of a plan.

    `violations` is empty for a legal plan. `disturbed` is what is not as promised and yet allowed, since it was so before
    and stays as it was: against a policy first. `cost_by_goal` holds the weighted cost of each goal in money a month, and is
    empty for a plan that is not even well formed. `unplaced` lists (workload, shard) pairs by position.
    """

    violations: tuple[Violation, ...]
    cost_by_goal: dict[str, int]
    unplaced: tuple[tuple[int, int], ...]
    disturbed: tuple[Violation, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no rule objects."""
        return not self.violations

    @property
    def cost(self) -> int:
        """All goals together, in money a month."""
        return sum(self.cost_by_goal.values())


def verify(problem: Problem, plan: Plan) -> Verdict:
    """Judge a plan for a problem: its form first, then every limit, then its cost."""
    malformed = tuple(form(problem, plan))
    if malformed:
        return Verdict(malformed, {}, ())
    kept = problem.kept(plan)
    stays = set(zip(plan.workload[kept].tolist(), plan.shard[kept].tolist(), strict=True))
    violations: list[Violation] = []
    tolerated: list[Violation] = []
    for rule in LIMITS:
        for broken in rule.check(problem, plan):
            key = problem.workload_index[broken.workload or ""] if broken.workload else -1, broken.shard or 0
            (tolerated if rule in SINGLE and key in stays else violations).append(broken)
    costs = {name_of(goal): goal.cost(problem, plan) for goal in GOALS}
    if kept.any():
        tolerated += [broken for row, broken, _ in without_room(problem, plan) if kept[row]]
    tolerated.sort(key=lambda broken: (broken.rule not in UNLAWFUL, broken.workload or "", broken.shard or 0))
    return Verdict(tuple(violations), costs, tuple(_unplaced(problem, plan)), tuple(tolerated))


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
    shards = plan.of_workloads(lambda w: problem.workloads[w].shards)
    absent = (plan.shard < 0) | (plan.shard >= shards)
    again = _again(plan)
    end = walk(problem, plan).end
    # What runs may have more servers than are given to anything new.
    known = np.flatnonzero(~absent)
    most = np.full(len(plan), MOST_SERVERS)
    most[known] = np.where(problem.kept(plan.rows(known)), plan.servers[known], MOST_SERVERS)
    uncountable = (plan.servers <= 0) | (plan.servers > most) | (plan.batch < 0)
    suspect = np.flatnonzero(absent | again | uncountable | (end != plan.node))
    for row, workload, shard, node in placements(problem, plan, suspect):
        if absent[row]:
            count = "1 shard" if workload.shards == 1 else f"{workload.shards} shards"
            why = f"{workload.id} has {count}, no shard {shard + 1}"
            yield _malformed(workload.id, node.id, shard, workload.shards, why)
        if again[row]:
            yield _malformed(workload.id, node.id, 2, 1, f"shard {shard + 1} of {workload.id} is placed twice")
        if uncountable[row]:
            servers = int(plan.servers[row])
            why = f"{workload.id} has {servers} servers; a shard gets 1 to {MOST_SERVERS}"
            yield _malformed(workload.id, node.id, servers, MOST_SERVERS, why)
        if end[row] != plan.node[row]:
            where = f"ends at {problem.nodes[end[row]].id}" if end[row] >= 0 else "is not connected"
            yield _malformed(workload.id, node.id, 1, 0, f"the route of {workload.id} to {node.id} {where}")


def _again(plan: Plan) -> npt.NDArray[np.bool_]:
    """For each placement, whether one before it places the same shard of the same workload."""
    order = np.lexsort((plan.shard, plan.workload))
    w, shard = plan.workload[order], plan.shard[order]
    again = np.zeros(len(plan), bool)
    again[order[1:]] = (w[1:] == w[:-1]) & (shard[1:] == shard[:-1])
    return again


def _malformed(workload: str | None, node: str | None, needed: int, available: int, why: str) -> Violation:
    return Violation("form", workload, None, node, needed, available, "", why)


def _unplaced(problem: Problem, plan: Plan) -> Iterator[tuple[int, int]]:
    first = np.concatenate(([0], np.cumsum([workload.shards for workload in problem.workloads]))).astype(np.int64)
    placed = np.zeros(first[-1], bool)
    placed[first[plan.workload] + plan.shard] = True
    missing = np.flatnonzero(~placed)
    of = np.searchsorted(first, missing, side="right") - 1
    yield from zip(of.tolist(), (missing - first[of]).tolist(), strict=True)
