"""A workload pinned to its site runs on nodes that stand there; one pinned to its device is never offloaded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Pin, Workload
from solver.rules.closing import number_keys
from solver.rules.factors import Factor, OpenNodes
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, placements, rows_of


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    def key(workload: Workload) -> tuple[Pin, str]:
        return workload.pin, problem.access_of(workload).site if workload.pin is Pin.SITE else ""

    # Thousands of sites times thousands of nodes: a column for each, not a question.
    column, keys = number_keys(items, key)
    site = np.array([node.site or "" for node in problem.nodes])
    table = [np.full(site.size, pin is Pin.NONE) if pin is not Pin.SITE else (site == at) & (site != "") for pin, at in keys]
    return (OpenNodes(column, np.array(table, bool).reshape(len(keys), site.size)),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    pinned = rows_of(problem, plan, lambda w: w.pin is not Pin.NONE)
    for _, workload, shard, node in placements(problem, plan, pinned):
        if workload.pin is Pin.DEVICE:
            why = f"{workload.id} is pinned to its device and must not run on {node.id}"
        elif workload.pin is Pin.SITE and problem.access_of(workload).site != node.site:
            why = f"{workload.id} is pinned to site {problem.access_of(workload).site}; {node.id} is not there"
        else:
            continue
        yield Violation("pin", workload.id, shard, node.id, 1, 0, "permission", why)
