"""A workload runs only on the tiers that it names."""

from __future__ import annotations

from collections.abc import Iterator

from solver.facts.network import Node, Tier
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.closing import open_nodes
from solver.rules.factors import Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, refused


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    return (open_nodes(problem, items, lambda w: w.tiers, lambda tiers, node: node.tier in tiers),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    def objection(tiers: frozenset[Tier], node: Node) -> str | None:
        return None if node.tier in tiers else f"{node.id} is of tier {node.tier}"

    for workload, shard, node, why in refused(problem, plan, lambda w: w.tiers, objection):
        why = f"{why}; {workload.id} allows {', '.join(sorted(workload.tiers)) or 'none'}"
        yield Violation("tier", workload.id, shard, node.id, 1, 0, "permission", why)
