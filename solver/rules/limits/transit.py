"""Traffic passes only through countries that the policy allows on the way; without such a route a node is out of reach."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Policy
from solver.rules.closing import number_keys
from solver.rules.factors import Factor, OpenLinks
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    column, keys = number_keys(items, lambda w: problem.policy_by_id[w.policy].transit)
    rows = [links_open(problem, allowed) for allowed in keys]
    return (OpenLinks(column, np.array(rows, bool).reshape(len(keys), len(problem.links))),)


def links_open(problem: Problem, allowed: frozenset[str] | None) -> list[bool]:
    """For each link, whether a policy with `allowed` as its transit lets traffic pass."""
    return [allowed is None or link.jurisdictions <= allowed for link in problem.links]


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    numbers = {policy.id: number for number, policy in enumerate(problem.policies)}
    bound = plan.of_workloads(lambda w: numbers[problem.workloads[w].policy])
    for number, policy in enumerate(problem.policies):
        if policy.transit is not None:
            yield from _strays(problem, plan, policy, policy.transit, bound == number)


def _strays(
    problem: Problem, plan: Plan, policy: Policy, allowed: frozenset[str], bound: npt.NDArray[np.bool_]
) -> Iterator[Violation]:
    """A violation for each placement `bound` by a policy whose route leaves what it allows, at its first such link."""
    abroad = plan.of_links(lambda number: not problem.links[number].jurisdictions <= allowed) > 0
    entries = np.flatnonzero(abroad & bound[plan.route_row])
    rows, first = np.unique(plan.route_row[entries], return_index=True)
    numbers = plan.route_link[entries[first]].tolist()
    for (_, workload, shard, node), number in zip(placements(problem, plan, rows), numbers, strict=True):
        link = problem.links[number]
        why = (
            f"the route from {workload.id} to {node.id} takes {link.id} through "
            f"{', '.join(sorted(link.jurisdictions - allowed))}; policy {policy.id} allows "
            f"{', '.join(sorted(allowed)) or 'none'}"
        )
        yield Violation("transit", workload.id, shard, node.id, 1, 0, "permission", why)
