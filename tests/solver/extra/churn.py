"""Each device of a shard that moves costs a fee."""

from __future__ import annotations

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import AwayCost, Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ints

_FEE = 777


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    return (AwayCost(_FEE * items.devices),)


def cost(problem: Problem, plan: Plan) -> int:
    return int(each(problem, plan).sum())


def each(problem: Problem, plan: Plan) -> Ints:
    return np.where(problem.moved(plan), _FEE * problem.devices_of(plan), 0)
