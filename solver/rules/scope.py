"""A workload outside the request stays on the node where it runs, or is given up; it is never moved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.factors import Factor, StayAt
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.violation import Violation, placements, rows_of


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    movable = np.array([workload.movable for workload in items.like], bool)
    return (StayAt(~movable, items.current),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    outside = rows_of(problem, plan, lambda w: not w.movable)
    for _, workload, shard, node in placements(problem, plan, outside):
        if workload.runs_at(shard) != node.id:
            here = workload.runs_at(shard) or "nowhere"
            why = f"{workload.id} is outside the request and runs {here}; it must not start on {node.id}"
            yield Violation("scope", workload.id, shard, node.id, 1, 0, "permission", why)
