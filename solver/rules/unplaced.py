"""What is left unplaced costs its value: an equal part of the workload's value for each shard without a place."""

from __future__ import annotations

import numpy as np

from solver.factors import Factor, UnplacedCost
from solver.items import Hosts, Items, shard_value
from solver.plan import Plan
from solver.problem import Problem


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    weight = problem.terms.weights.unplaced
    return (UnplacedCost(np.array([-(-shard_value(w) * weight // 1000) for w in items.like], np.int64)),)


def cost(problem: Problem, plan: Plan) -> int:
    placed = np.bincount(plan.workload, minlength=len(problem.workloads)).tolist()
    total = 0
    for workload, shards in zip(problem.workloads, placed, strict=True):
        share = -(-workload.value_krw_month // workload.shards)
        total += (workload.shards - shards) * -(-share * problem.terms.weights.unplaced // 1000)
    return total
