"""Where a policy asks for a certificate, the node holds one of those named, valid on the request's day."""

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
    horizon = problem.terms.horizon

    def allows(policy_id: str, node: Node) -> bool:
        asked = problem.policy_by_id[policy_id].certifications
        return not asked or any(
            held.name in asked and (held.expires is None or held.expires >= horizon) for held in node.certifications
        )

    return (open_nodes(problem, items, lambda w: w.policy, allows),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    day = problem.terms.horizon

    def objection(policy_id: str, node: Node) -> str | None:
        asked = problem.policy_by_id[policy_id].certifications
        held = [c for c in node.certifications if c.name in asked]
        expired = [c.name for c in held if c.expires is not None and c.expires < day]
        if not asked or len(expired) < len(held):
            return None
        state = f"only expired ones ({', '.join(sorted(expired))})" if held else "none of them"
        return f"asks for {' or '.join(sorted(asked))}; {node.id} holds {state}"

    for workload, shard, node, why in refused(problem, plan, lambda w: w.policy, objection):
        why = f"policy {workload.policy} of {workload.id} {why}"
        yield Violation("certification", workload.id, shard, node.id, 1, 0, "certificate", why)
