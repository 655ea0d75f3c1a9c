"""Scope: what is not asked about stays exactly as it is, and nothing that runs is ended unless it may be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.placement import Placement, Slot
from solver.facts.problem import Problem
from solver.judging.verify import verify
from solver.rules.violation import Violation
from tests.solver.rules.judged import ROBOT_CORE, ROBOT_EDGE, Row, broken
from tests.world import EDGE, ROBOT, ROBOT_RUNS, world

#: It is in no hurry, so that fewer servers will do.
RUNS = replace(ROBOT, current=(ROBOT_RUNS,), deadline_us=10**7)
#: It is known to run on the edge, not on what.
HINTED = replace(ROBOT, current=(Placement("robot", 0, "edge"),))


def _refused(node: str, sentence: str) -> list[Violation]:
    return [Violation("scope", "robot", 0, node, 1, 0, "permission", sentence)]


@pytest.mark.parametrize(
    ("problem", "rows", "node", "sentence"),
    [
        (world(workloads=(replace(HINTED, stays=True),)), [ROBOT_CORE], "core",
         "robot stays on edge; it must not start on core"),
        (world(workloads=(replace(RUNS, free=frozenset()),)), [ROBOT_CORE], "core",
         "shard 1 of robot is outside the request and runs on edge; it must stay as it is"),
        (world(workloads=(replace(RUNS, free=frozenset()),)), [("robot", 0, "edge", "policy/l4", 1)], "edge",
         "shard 1 of robot is outside the request and runs on edge; it must stay as it is"),
        (world(workloads=(replace(ROBOT, free=frozenset()),)), [ROBOT_CORE], "core",
         "shard 1 of robot is outside the request and runs nowhere; it must stay as it is"),
        (world(workloads=(RUNS,)), [], "edge",
         "shard 1 of robot runs on edge; the request does not allow ending it"),
        (world(workloads=(replace(RUNS, may_end=True, free=frozenset()),)), [], "edge",
         "shard 1 of robot runs on edge; the request does not allow ending it"),
    ],
    ids=["leaves its node", "moves unasked", "shrinks unasked", "starts unasked", "ends", "ends unasked"],
)  # fmt: skip
def test_refused(problem: Problem, rows: list[Row], node: str, sentence: str) -> None:
    assert broken(problem, *rows) == _refused(node, sentence)


@pytest.mark.parametrize(
    ("problem", "rows"),
    [
        (world(workloads=(replace(HINTED, stays=True),)), [ROBOT_EDGE]),
        (world(workloads=(replace(ROBOT, stays=True),)), [ROBOT_CORE]),
        (world(workloads=(HINTED,)), [ROBOT_CORE]),
        (world(workloads=(replace(RUNS, free=frozenset()),)), [ROBOT_EDGE]),
        (world(workloads=(RUNS,)), [ROBOT_CORE]),
        (world(workloads=(replace(RUNS, may_end=True),)), []),
    ],
    ids=["starts where it stays", "stays nowhere known", "leaves a hint", "stays as it is", "is asked to move", "may end"],
)
def test_allowed(problem: Problem, rows: list[Row]) -> None:
    assert broken(problem, *rows) == []


def test_what_is_not_asked_about_keeps_its_parts_of_cards() -> None:
    (pool,) = EDGE.pools
    problem = world(
        nodes=(replace(EDGE, pools=(replace(pool, count=3),)),), links=(), workloads=(replace(RUNS, free=frozenset()),)
    )
    for cards, refused in (((Slot(0, 0), Slot(1, 0)), False), ((Slot(0, 0), Slot(2, 0)), True)):
        plan = problem.plan_of([replace(ROBOT_RUNS, cards=cards)])
        assert [violation.rule for violation in verify(problem, plan).violations] == ["scope"] * refused
