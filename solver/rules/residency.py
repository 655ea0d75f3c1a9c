"""Data are stored, processed and backed up only in the countries that their policy allows; an unknown place is refused."""

from __future__ import annotations

from collections.abc import Iterator

from solver.factors import Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Node, Problem
from solver.rules.closing import open_nodes
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    def allows(policy_id: str, node: Node) -> bool:
        countries = problem.policy_by_id[policy_id].countries
        if countries is None:
            return True
        return node.country in countries and node.backup_countries is not None and node.backup_countries <= countries

    return (open_nodes(problem, items, lambda w: w.policy, allows),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for _, workload, shard, node in placements(problem, plan):
        allowed = problem.policy_by_id[workload.policy].countries
        if allowed is None:
            continue
        if node.backup_countries is None:
            why = f"where {node.id} keeps backups is unknown"
        elif outside := sorted(({node.country} | node.backup_countries) - allowed):
            why = f"{node.id} keeps data in {', '.join(outside)}"
        else:
            continue
        why = f"{why}; policy {workload.policy} of {workload.id} allows {', '.join(sorted(allowed)) or 'nowhere'}"
        yield Violation("residency", workload.id, shard, node.id, 1, 0, "permission", why)
