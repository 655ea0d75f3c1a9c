"""Traffic passes only through countries that the policy allows on the way; without such a way a node is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from solver.factors import Factor, OpenLinks
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.closing import number_keys
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    column, keys = number_keys(items, lambda w: problem.policy_by_id[w.policy].transit)
    rows = [[allowed is None or link.jurisdictions <= allowed for link in problem.links] for allowed in keys]
    return (OpenLinks(column, np.array(rows, bool).reshape(len(keys), len(problem.links))),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    @cache
    def strangers(number: int, policy: str) -> list[str]:
        """The countries that a link passes through and a policy does not allow."""
        return sorted(problem.links[number].jurisdictions - (problem.policy_by_id[policy].transit or frozenset()))

    for row, workload, shard, node in placements(problem, plan):
        allowed = problem.policy_by_id[workload.policy].transit
        if allowed is None:
            continue
        for number in plan.route(row).tolist():
            if abroad := strangers(number, workload.policy):
                link = problem.links[number]
                why = (
                    f"the way from {workload.id} to {node.id} takes {link.id} through {', '.join(abroad)}; policy "
                    f"{workload.policy} allows {', '.join(sorted(allowed)) or 'none'}"
                )
                yield Violation("transit", workload.id, shard, node.id, 1, 0, "permission", why)
                break
