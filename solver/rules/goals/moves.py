"""What changes cost: a running shard that gets another node, profile, number of servers, part of a card or route pays its
workload's price of a move, and never less than 1."""

from __future__ import annotations

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import LEAST_MOVE_COST
from solver.rules.factors import AwayCost, Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ints, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    weight = [problem.weights_for(workload).moves for workload in items.like]
    price = [-(-w.move_cost * m // 1000) for w, m in zip(items.like, weight, strict=True)]
    return (AwayCost(np.maximum(LEAST_MOVE_COST, np.array(price, np.int64))),)


def cost(problem: Problem, plan: Plan) -> int:
    return int(each(problem, plan).sum())


def each(problem: Problem, plan: Plan) -> Ints:
    """What each placement costs by itself."""
    won = np.zeros(len(plan), np.int64)
    for row, workload, _, _ in placements(problem, plan, np.flatnonzero(problem.moved(plan))):
        won[row] = max(LEAST_MOVE_COST, -(-workload.move_cost * problem.weights_for(workload).moves // 1000))
    return won
