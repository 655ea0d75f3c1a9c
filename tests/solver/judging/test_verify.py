"""The form of a plan: what the verifier says of one that means nothing, and how it follows routes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.walk import walk
from solver.judging.verify import verify
from tests.plans import plan_of
from tests.solver.random_problems import random_problem
from tests.world import CORE, EDGE, LINK, world

FAR = replace(CORE, id="far", site=None)
#: Entry at "edge"; "far" lies behind "core", over a link that is written down from its far end.
CHAIN = world(nodes=(EDGE, CORE, FAR), links=(LINK, replace(LINK, id="far-core", source="far", target="core")))
ROBOT_FAR = ("robot", 0, "far", "policy/h100", 1)


def _with(plan: Plan, **columns: list[int]) -> Plan:
    changed: dict[str, Any] = {name: np.array(column, np.int64) for name, column in columns.items()}
    return replace(plan, **changed)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"workload": [99]}, "workload number 99 is outside 0 to 2"),
        ({"node": [-1]}, "node number -1 is outside 0 to 2"),
        ({"route_link": [0, 7]}, "link number 7 is outside 0 to 1"),
        ({"shard": [3]}, "robot has 1 shard, no shard 4"),
        ({"servers": [0]}, "robot has 0 servers"),
        ({"route_link": [1, 0]}, "is not connected"),
        ({"route_link": [0, 0]}, "the route of robot to far ends at edge"),
        ({"route_link": [0], "route_ptr": [0, 1]}, "the route of robot to far ends at core"),
    ],
)
def test_a_plan_that_means_nothing_is_refused_by_its_form(columns: dict[str, list[int]], words: str) -> None:
    plan = plan_of(CHAIN, ROBOT_FAR)
    assert "form" not in [violation.rule for violation in verify(CHAIN, plan).violations]
    verdict = verify(CHAIN, _with(plan, **columns))
    assert not verdict.ok
    assert {violation.rule for violation in verdict.violations} == {"form"}
    assert words in verdict.violations[0].sentence
    assert verdict.cost_by_goal == {}


def test_a_shard_is_placed_once() -> None:
    verdict = verify(CHAIN, plan_of(CHAIN, ROBOT_FAR, ROBOT_FAR))
    assert [violation.sentence for violation in verdict.violations] == ["shard 1 of robot is placed twice"]


def test_links_are_walked_from_either_end() -> None:
    taken = walk(CHAIN, plan_of(CHAIN, ROBOT_FAR))
    assert taken.end.tolist() == [2]
    assert taken.onward.tolist() == [True, False]


@pytest.mark.parametrize("seed", range(8))
def test_routes_are_walked_as_one_would_link_by_link(seed: int) -> None:
    problem = random_problem(seed)
    rng = np.random.default_rng(seed)
    plan = _random_walks(problem, rng)
    taken = walk(problem, plan)
    for row in range(len(plan)):
        here: str | None = problem.access_of(problem.workloads[plan.workload[row]]).node
        onward = []
        for number in plan.route(row).tolist():
            link = problem.links[number]
            if here not in (link.source, link.target):
                here = None
                break
            onward.append(here == link.source)
            here = link.target if onward[-1] else link.source
        assert taken.end[row] == (-1 if here is None else problem.node_index[here])
        assert taken.onward[plan.route_ptr[row] :][: len(onward)].tolist() == onward


def _random_walks(problem: Problem, rng: np.random.Generator) -> Plan:
    """A placement for each workload over a random walk, every third of which has one link put in the place of another."""
    graph = nx.MultiGraph([(link.source, link.target, number) for number, link in enumerate(problem.links)])
    ways: list[list[int]] = []
    for workload in problem.workloads:
        here, way = problem.access_of(workload).node, []
        for _ in range(int(rng.integers(0, 7))):
            if here not in graph or not graph[here]:
                break
            there = str(rng.choice(list(graph[here])))
            way.append(int(rng.choice(list(graph[here][there]))))
            here = there
        if way and rng.random() < 0.33:
            way[int(rng.integers(len(way)))] = int(rng.integers(len(problem.links)))
        ways.append(way)
    size = len(ways)
    ptr = np.concatenate(([0], np.cumsum([len(way) for way in ways]))).astype(np.int64)
    zero, one = np.zeros(size, np.int64), np.ones(size, np.int64)
    links = np.array([number for way in ways for number in way], np.int64)
    return Plan(np.arange(size, dtype=np.int64), zero, zero, zero, one, ptr, links)
