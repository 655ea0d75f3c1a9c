"""All rules together on the tiny world: a plan that none of them refuses, and all that it costs."""

from __future__ import annotations

from dataclasses import replace

from solver.judging.verify import verify
from tests.plans import plan_of
from tests.solver.rules.judged import CONTROL_EDGE, ROBOT_CORE, broken
from tests.world import CAMERA, CONTROL, ROBOT, ROBOT_RUNS, world


def test_the_tiny_world_has_a_legal_plan() -> None:
    assert broken(world(), ROBOT_CORE, ("camera", 0, "edge", "detect/l4", 2), CONTROL_EDGE) == []


def test_costs_by_goal_are_those_of_a_pencil() -> None:
    problem = world(workloads=(replace(ROBOT, current=(ROBOT_RUNS,), move_cost=7_000), CAMERA, CONTROL))
    verdict = verify(problem, plan_of(problem, ROBOT_CORE))
    assert verdict.cost_by_goal == {
        "unplaced": 50_000_000 + 30_000_000, "accelerators": 3_096_000, "energy": 110_376, "transport": 1_562,
        "moves": 7_000, "disturbed": 0,
    }  # fmt: skip
    assert verdict.unplaced == ((1, 0), (2, 0))
