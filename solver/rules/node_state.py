"""A failed node runs nothing, and a draining one gives up its work; only what a request may not touch stays there."""

from __future__ import annotations

from collections.abc import Iterator

from solver.factors import Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Node, NodeState, Problem
from solver.rules.closing import open_nodes
from solver.rules.violation import Violation, refused


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    def allows(movable: bool, node: Node) -> bool:
        return node.state is NodeState.ACTIVE or (node.state is NodeState.DRAINING and not movable)

    return (open_nodes(problem, items, lambda w: w.movable, allows),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    def objection(movable: bool, node: Node) -> NodeState | None:
        return node.state if node.state is NodeState.FAILED or (movable and node.state is not NodeState.ACTIVE) else None

    for workload, shard, node, state in refused(problem, plan, lambda w: w.movable, objection):
        why = f"{node.id} is {state}; {workload.id} cannot run there"
        yield Violation("node_state", workload.id, shard, node.id, 1, 0, "active node", why)
