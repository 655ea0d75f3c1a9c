"""A fleet of an even number of devices stays on the nodes on which it runs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor, StayAt
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    even = np.array([workload.devices % 2 == 0 for workload in items.like], bool)
    return (StayAt(even & (items.current >= 0), items.current),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    for _, workload, shard, node in placements(problem, plan):
        here = workload.runs_at(shard)
        if workload.devices % 2 == 0 and here not in ("", node.id):
            why = f"{workload.id} is frozen on {here}; it must not start on {node.id}"
            yield Violation("freeze", workload.id, shard, node.id, 1, 0, "permission", why)
