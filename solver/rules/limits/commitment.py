"""Capacity counts only if it is committed at least as firmly as the request asks, and is there on the request's day."""

from __future__ import annotations

from collections.abc import Iterator

from solver.facts.network import Commitment, Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.closing import open_nodes
from solver.rules.factors import Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, refused


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    terms = problem.terms

    def allows(_: None, node: Node) -> bool:
        if node.commitment.step > terms.lowest_commitment.step:
            return False
        if node.available_from is None:
            return node.commitment is Commitment.OPERATIONAL
        return node.available_from <= terms.horizon

    return (open_nodes(problem, items, lambda w: None, allows),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    terms = problem.terms
    ladder = list(Commitment)
    firm_enough = set(ladder[: ladder.index(terms.lowest_commitment) + 1])

    def objections(_: None, node: Node) -> list[tuple[int, int, str, str]] | None:
        found = []
        if node.commitment not in firm_enough:
            step, admitted = ladder.index(node.commitment), len(firm_enough) - 1
            why = f"{node.id} is {node.commitment}; the request admits nothing below {terms.lowest_commitment}"
            found.append((step, admitted, "steps below operational", why))
        if node.available_from is None and node.commitment is not Commitment.OPERATIONAL:
            found.append((1, 0, "date", f"{node.id} is {node.commitment} and has no date"))
        if node.available_from is not None and node.available_from > terms.horizon:
            why = f"{node.id} is there from {node.available_from}; the request is for {terms.horizon}"
            found.append(((node.available_from - terms.horizon).days, 0, "days late", why))
        return found or None

    for workload, shard, node, found in refused(problem, plan, lambda w: None, objections):
        for need, have, unit, why in found:
            yield Violation("commitment", workload.id, shard, node.id, need, have, unit, why)
