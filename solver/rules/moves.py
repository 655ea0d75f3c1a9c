"""What moving costs: a shard that runs now and is placed on another node pays its workload's price of a move."""

from __future__ import annotations

import numpy as np

from solver.factors import AwayCost, Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.violation import placements, rows_of


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    weight = problem.terms.weights.moves
    return (AwayCost(items.current, np.array([-(-w.move_cost_krw * weight // 1000) for w in items.like], np.int64)),)


def cost(problem: Problem, plan: Plan) -> int:
    weight = problem.terms.weights.moves
    running = rows_of(problem, plan, lambda w: bool(w.current))
    return sum(
        -(-workload.move_cost_krw * weight // 1000)
        for _, workload, shard, node in placements(problem, plan, running)
        if workload.runs_at(shard) not in ("", node.id)
    )
