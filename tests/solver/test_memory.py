"""What one solve leaves to the next is carried over by ids, and nothing of it is believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver import Limits, place
from solver import columns as columns_module
from solver.memory import carry_over
from solver.options import space_of
from solver.pricing import servers_needed
from solver.problem import Problem
from tests.solver.random_problems import random_problem

WORK = Limits(seconds=120, workers=1, seed=3, work=2)


@pytest.fixture(params=["whole", "lazy"])
def listing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of listing options: the whole space, and a part of it."""
    if request.param == "lazy":
        monkeypatch.setattr(columns_module, "LIST_ALL", 0)
        monkeypatch.setattr(columns_module, "_FIRST", 1)
    return str(request.param)


def shrunk(problem: Problem) -> Problem:
    """The problem in another order, without its first workload and with the first node shut."""
    network = replace(problem.network, nodes=(replace(problem.nodes[0], pools=()), *problem.nodes[1:][::-1]))
    return replace(problem, network=network, workloads=problem.workloads[1:][::-1])


@pytest.mark.parametrize("seed", range(30))
def test_servers_are_worked_out_as_a_scan_does(seed: int) -> None:
    space = space_of(random_problem(seed))
    found = space.scan(space.market(), space.at_most)
    pairs = np.array([(k, h) for k in range(len(space.items)) for h in range(len(space.hosts))], np.int64).reshape(-1, 2)
    servers = servers_needed(space.tables, pairs[:, 0], pairs[:, 1])
    scanned = zip(found.item.tolist(), found.host.tolist(), found.servers.tolist(), strict=True)
    assert {(k, h, s) for (k, h), s in zip(pairs.tolist(), servers.tolist(), strict=True) if s} == set(scanned)


@pytest.mark.parametrize("seed", range(8))
def test_a_solve_of_the_same_starts_where_the_last_one_ended(seed: int, listing: str) -> None:
    problem = random_problem(seed)
    first = place(problem, WORK)
    carried = carry_over(space_of(problem), first.memory)
    assert len(carried.plan.item) == len(first.plan)
    assert set(zip(carried.plan.item.tolist(), carried.plan.host.tolist(), strict=True)) <= set(
        zip(carried.item.tolist(), carried.host.tolist(), strict=True)
    )
    steps: list[int] = []
    again = place(problem, WORK, before=first.memory, on_progress=lambda step: steps.append(step.cost))
    assert again.verdict.ok
    assert steps[:1] <= [first.cost]
    assert again.cost <= first.cost


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_problem_is_solved_from_what_is_left(seed: int, listing: str) -> None:
    problem = random_problem(seed)
    changed = shrunk(problem)
    memory = place(problem, WORK).memory
    carried = carry_over(space_of(changed), memory)
    gone = {problem.workloads[0].id}
    kept = {problem.workloads[w].id for w in memory.plan.workload.tolist()} - gone
    space = space_of(changed)
    assert {changed.workloads[space.items.workload[k]].id for k in carried.plan.item.tolist()} <= kept
    result = place(changed, WORK, before=memory)
    assert result.verdict.ok
    assert result.bound <= result.cost


@pytest.mark.parametrize("seed", [1, 4])
def test_the_same_seed_and_work_make_the_same_plan(seed: int, listing: str) -> None:
    problem = random_problem(seed)
    first, second = place(problem, WORK), place(problem, WORK)
    for name in ("workload", "shard", "node", "profile", "servers", "route_link"):
        assert np.array_equal(getattr(first.plan, name), getattr(second.plan, name))
    assert (first.cost, first.bound) == (second.cost, second.bound)
