"""A request is answered within its workload's deadline at the 99th percentile: access, transfer, transport there and
back, service and waiting together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.latency import budgets
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Workload
from solver.rules.factors import Factor, TimeLeft
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    return (TimeLeft(np.array([time_left_us(problem, workload) for workload in items.like], np.int64)),)


def time_left_us(problem: Problem, workload: Workload) -> int:
    """What access and transfer leave of a deadline for transport, service and waiting; negative when that is nothing."""
    access = problem.access_of(workload)
    sending = -(-workload.payload_up_bytes * 8000 // access.uplink_kbps)
    receiving = -(-workload.payload_down_bytes * 8000 // access.downlink_kbps)
    return workload.deadline_us - access.rtt_p99_us - sending - receiving


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    budget = budgets(problem, plan)
    for row in np.flatnonzero(budget.margin_us < 0).tolist():
        workload, node = problem.workloads[plan.workload[row]], problem.nodes[plan.node[row]]
        need, have = int(budget.total_us[row]), workload.deadline_us
        yield Violation(
            "deadline", workload.id, int(plan.shard[row]), node.id, need, have, "us",
            f"{workload.id} on {node.id} answers in {need} us at p99; its deadline is {have} us",
        )  # fmt: skip
