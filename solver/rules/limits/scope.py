"""A plan decides only about what is free: the rest stays exactly as it is, and nothing that runs is ended unless it may
be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor, MustPlace, StayAt
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    stays = np.array([workload.stays for workload in items.like], bool) & (items.current >= 0)
    ends = np.array([workload.may_end for workload in items.like], bool)
    return (StayAt(stays, items.current), MustPlace((items.stay >= 0) & ~ends))


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    kept, moved = problem.kept(plan), problem.moved(plan)
    bound = np.array([w.free is not None or w.stays for w in problem.workloads], bool)
    rows = np.flatnonzero(bound[plan.workload])
    for row, workload, shard, node in placements(problem, plan, rows):
        here = workload.runs_at(shard)
        if not workload.is_free(shard) and (not kept[row] or moved[row]):
            where = f"runs on {here}" if here else "runs nowhere"
            why = f"shard {shard + 1} of {workload.id} is outside the request and {where}; it must stay as it is"
            yield Violation("scope", workload.id, shard, node.id, 1, 0, "permission", why)
        elif workload.stays and here not in ("", node.id):
            why = f"{workload.id} stays on {here}; it must not start on {node.id}"
            yield Violation("scope", workload.id, shard, node.id, 1, 0, "permission", why)
    now, first = problem.in_force, problem.first_shard
    missing = ~np.isin(first[now.workload] + now.shard, first[plan.workload] + plan.shard)
    for _, workload, shard, node in placements(problem, now, np.flatnonzero(missing)):
        if not (workload.may_end and workload.is_free(shard)):
            why = f"shard {shard + 1} of {workload.id} runs on {node.id}; the request does not allow ending it"
            yield Violation("scope", workload.id, shard, node.id, 1, 0, "permission", why)
