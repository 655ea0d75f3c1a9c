"""What is left unplaced costs its value: an equal part of the workload's value for each shard without a place."""

from __future__ import annotations

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor, UnplacedCost
from solver.rules.items import Hosts, Items, shard_value
from solver.rules.violation import Ints


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    value = [-(-shard_value(w) * problem.weights_for(w).unplaced // 1000) for w in items.like]
    return (UnplacedCost(np.array(value, np.int64)),)


def each(problem: Problem, plan: Plan) -> Ints:
    """What is placed adds nothing."""
    return np.zeros(len(plan), np.int64)


def cost(problem: Problem, plan: Plan) -> int:
    placed = np.bincount(plan.workload, minlength=len(problem.workloads)).tolist()
    total = 0
    for workload, shards in zip(problem.workloads, placed, strict=True):
        share = -(-workload.value_month // workload.shards)
        total += (workload.shards - shards) * -(-share * problem.weights_for(workload).unplaced // 1000)
    return total
