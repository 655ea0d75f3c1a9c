"""A workload runs only on the tiers that it names."""

from __future__ import annotations

from collections.abc import Iterator

from solver.factors import Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.closing import open_nodes
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    return (open_nodes(problem, items, lambda w: w.tiers, lambda tiers, node: node.tier in tiers),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for _, workload, shard, node in placements(problem, plan):
        if node.tier not in workload.tiers:
            allowed = ", ".join(sorted(workload.tiers)) or "none"
            why = f"{node.id} is of tier {node.tier}; {workload.id} allows {allowed}"
            yield Violation("tier", workload.id, shard, node.id, 1, 0, "permission", why)
