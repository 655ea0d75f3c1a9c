"""A failed node runs nothing, and a draining one gives up its work; only what a request may not touch stays there."""

from __future__ import annotations

from collections.abc import Iterator

from solver.factors import Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Node, NodeState, Problem
from solver.rules.closing import open_nodes
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    def allows(movable: bool, node: Node) -> bool:
        return node.state is NodeState.ACTIVE or (node.state is NodeState.DRAINING and not movable)

    return (open_nodes(problem, items, lambda w: w.movable, allows),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for _, workload, shard, node in placements(problem, plan):
        if node.state is NodeState.ACTIVE:
            continue
        if node.state is NodeState.FAILED or workload.movable:
            why = f"{node.id} is {node.state}; {workload.id} cannot run there"
            yield Violation("node_state", workload.id, shard, node.id, 1, 0, "active node", why)
