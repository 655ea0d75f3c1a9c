"""A node takes work only while it is active; one that drains keeps what has no other place, a failed one runs nothing."""

from __future__ import annotations

from collections.abc import Iterator

from solver.facts.network import Node, NodeState
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.closing import open_nodes
from solver.rules.factors import Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, refused


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    return (open_nodes(problem, items, lambda w: None, lambda _, node: node.state is NodeState.ACTIVE),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    def objection(_: None, node: Node) -> NodeState | None:
        return node.state if node.state in (NodeState.DRAINING, NodeState.FAILED) else None

    for workload, shard, node, state in refused(problem, plan, lambda w: None, objection):
        why = f"{node.id} is {state}; {workload.id} cannot run there"
        yield Violation("node_state", workload.id, shard, node.id, 1, 0, "active_node", why)
