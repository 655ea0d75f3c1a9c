"""States of nodes: one that drains or has failed takes nothing new; what runs there may keep its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.network import NodeState
from solver.judging.verify import verify
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.solver.rules.judged import ROBOT_CORE, ROBOT_EDGE, broken
from tests.world import CORE, EDGE, ROBOT, ROBOT_RUNS, world

OUT = [NodeState.DRAINING, NodeState.FAILED]


@pytest.mark.parametrize("state", OUT)
def test_refused(state: NodeState) -> None:
    problem = world(nodes=(EDGE, replace(CORE, state=state)))
    sentence = f"core is {state}; robot cannot run there"
    assert broken(problem, ROBOT_CORE) == [Violation("node_state", "robot", 0, "core", 1, 0, "active_node", sentence)]
    assert broken(problem, ROBOT_EDGE) == []


@pytest.mark.parametrize("state", OUT)
def test_what_runs_may_keep_a_place_that_nothing_new_gets(state: NodeState) -> None:
    problem = world(nodes=(replace(EDGE, state=state), CORE), workloads=(replace(ROBOT, current=(ROBOT_RUNS,)),))
    verdict = verify(problem, plan_of(problem, ROBOT_EDGE))
    assert verdict.ok
    assert [violation.rule for violation in verdict.disturbed] == ["node_state"]
    resized = broken(problem, ("robot", 0, "edge", "policy/l4", 1))
    assert "node_state" in [violation.rule for violation in resized]
