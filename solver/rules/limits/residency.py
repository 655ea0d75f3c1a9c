"""Data are stored, processed and backed up only in the countries that their policy allows; an unknown place is refused."""

from __future__ import annotations

from collections.abc import Iterator

from solver.facts.network import Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.closing import open_nodes
from solver.rules.factors import Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, refused


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    def allows(policy_id: str, node: Node) -> bool:
        countries = problem.policy_by_id[policy_id].countries
        if countries is None:
            return True
        return node.country in countries and node.backup_countries is not None and node.backup_countries <= countries

    return (open_nodes(problem, items, lambda w: w.policy, allows),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    def objection(policy_id: str, node: Node) -> tuple[str, str] | None:
        allowed = problem.policy_by_id[policy_id].countries
        if allowed is None:
            return None
        only = ", ".join(sorted(allowed)) or "nowhere"
        if node.backup_countries is None:
            return f"where {node.id} keeps backups is unknown", only
        outside = sorted(({node.country} | node.backup_countries) - allowed)
        return (f"{node.id} keeps data in {', '.join(outside)}", only) if outside else None

    for workload, shard, node, (why, only) in refused(problem, plan, lambda w: w.policy, objection):
        why = f"{why}; policy {workload.policy} of {workload.id} allows {only}"
        yield Violation("residency", workload.id, shard, node.id, 1, 0, "permission", why)
