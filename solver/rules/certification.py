"""Where a policy asks for a certificate, the node holds one of those named, valid on the request's day."""

from __future__ import annotations

from collections.abc import Iterator

from solver.factors import Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Node, Problem
from solver.rules.closing import open_nodes
from solver.rules.violation import Violation, placements


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
    for _, workload, shard, node in placements(problem, plan):
        asked = problem.policy_by_id[workload.policy].certifications
        held = [c for c in node.certifications if c.name in asked]
        expired = [c.name for c in held if c.expires is not None and c.expires < day]
        if not asked or len(expired) < len(held):
            continue
        state = f"only expired ones ({', '.join(sorted(expired))})" if held else "none of them"
        why = f"policy {workload.policy} of {workload.id} asks for {' or '.join(sorted(asked))}; {node.id} holds {state}"
        yield Violation("certification", workload.id, shard, node.id, 1, 0, "certificate", why)
