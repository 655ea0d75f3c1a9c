"""Every rule says its meaning twice; here a machine compares. Nobody edits this file to add a rule.

Over all plans of small random problems: what the packing holds feasible is exactly what no check objects to, at the
same cost; and what the space of options leaves out is refused by some check, whatever the number of servers.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from solver.engines import Prices
from solver.facts.plan import Plan
from solver.facts.problem import Problem, Workload
from solver.facts.routes import arcs_of, routes
from solver.judging.verify import verify
from solver.packing.check import check as check_packing
from solver.packing.solution import Solution
from solver.place import standing_cost, written_out
from solver.space.filling import Filling
from solver.space.options import Listed, Space, space_of
from tests.solver.random_problems import random_problem

_PLANS_A_PROBLEM = 400


def _all(space: Space) -> Listed:
    return space.expand(space.scan(space.market(), space.at_most))


def _solution(listed: Listed, chosen: dict[int, int]) -> Solution:
    """A solution that takes option o `chosen[o]` times."""
    option = np.array(sorted(chosen), np.int64)
    count = np.array([chosen[o] for o in sorted(chosen)], np.int64)
    prices = Prices.zero(listed.packing.rows)
    return Solution(listed.item[option], option, count, 0, 0, "feasible", 0, 0.0, 0.0, prices)


@pytest.mark.parametrize("seed", range(120))
def test_packing_and_checks_agree_on_every_plan(seed: int) -> None:
    problem = random_problem(seed)
    space = space_of(problem)
    listed = _all(space)
    copies = [item for item, count in enumerate(space.items.count.tolist()) for _ in range(count)]
    choices = [[None, *np.flatnonzero(listed.item == item).tolist()] for item in copies]
    plans = list(product(*choices))
    for picks in plans[:: max(1, len(plans) // _PLANS_A_PROBLEM)]:
        taken = [option for option in picks if option is not None]
        solution = _solution(listed, {option: taken.count(option) for option in taken})
        cost, faults = check_packing(listed.packing, solution.item, solution.option, solution.count)
        option = np.array(taken, np.int64)
        copies = Filling(listed.item[option], listed.host[option], listed.servers[option])
        verdict = verify(problem, written_out(space, copies)[0])
        assert verdict.ok == (not faults), (picks, verdict.violations, faults)
        assert verdict.cost == cost + standing_cost(space), (picks, verdict.cost_by_goal)


@pytest.mark.parametrize("seed", range(120))
def test_checks_refuse_every_option_that_is_not_listed(seed: int) -> None:
    problem = random_problem(seed)
    space = space_of(problem)
    listed = _all(space)
    legal = set(zip(listed.item.tolist(), listed.host.tolist(), strict=True))
    hosts = space.hosts
    for item, workload in enumerate(space.items.like):
        model = hosts.models.index(workload.model)
        member = int(space.items.member_ptr[item])
        for host in range(hosts.model_ptr[model], hosts.model_ptr[model + 1]):
            if (item, host) in legal:
                continue
            for servers in (1, 2, 3, 7):
                for way in _ways(problem, workload, int(hosts.node[host])):
                    plan = Plan(
                        *(np.array([column], np.int64) for column in (
                            space.items.member_workload[member], space.items.member_shard[member],
                            hosts.node[host], hosts.profile[host], servers,
                        )), np.array([0, len(way)], np.int64), np.array(way, np.int64),
                    )  # fmt: skip
                    assert not verify(problem, plan).ok, (item, host, servers)


def _ways(problem: Problem, workload: Workload, node: int) -> list[list[int]]:
    """The fastest way to `node` that the policy allows, which is the one an option takes; without one, any way there."""
    entry = problem.node_index[problem.access_of(workload).node]
    allowed = problem.policy_by_id[workload.policy].transit
    masks = [[allowed is None or link.jurisdictions <= allowed for link in problem.links]]
    masks += [[country not in link.jurisdictions for link in problem.links] for country in ("KR", "US")]
    masks += [[True] * len(problem.links)]
    table = routes(arcs_of(problem), np.full(4, entry), np.arange(4), np.array(masks, bool).reshape(4, -1))
    rows = [row for row in range(4) if node == entry or table.arc[row, node] >= 0]
    return [[arc % len(problem.links) for arc in table.path(row, node)] for row in ([0] if 0 in rows else rows)]
