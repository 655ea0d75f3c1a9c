"""What runs where it should not costs half of its value, or all of it where it does not serve or must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from solver.facts.network import NodeState, Pool
from solver.facts.placement import Placement, Slot
from solver.facts.problem import Problem
from solver.facts.terms import Terms, Weights
from solver.judging.verify import verify
from tests.plans import plan_of
from tests.solver.rules.judged import ROBOT_CORE, ROBOT_EDGE, US, Row, costs
from tests.world import CORE, EDGE, ROBOT, ROBOT_RUNS, world

DRAINING = {"state": NodeState.DRAINING}


def _runs(edge: dict[str, Any], robot: dict[str, Any] | None = None, unplaced: int = 1_000) -> Problem:
    """A robot runs on an edge of which these things are so now."""
    runs = replace(ROBOT, **{"current": (ROBOT_RUNS,), **(robot or {})})
    terms = Terms(date(2026, 11, 22), weights=Weights(unplaced=unplaced))
    return world(nodes=(replace(EDGE, **edge), CORE), workloads=(runs,), terms=terms)


@pytest.mark.parametrize(
    ("edge", "rules", "won"),
    [
        ({}, [], 0),
        (DRAINING, ["node_state"], 40_000_000),
        ({"state": NodeState.FAILED}, ["node_state"], 80_000_000),
        ({"backup_countries": US}, ["residency"], 80_000_000),
        ({"control_jurisdictions": US, **DRAINING}, ["control", "node_state"], 80_000_000),
        ({"pools": (Pool("l4", 1, 900_000),)}, ["node_capacity"], 40_000_000),
    ],
    ids=["in order", "draining", "failed", "against a policy", "both", "overfull"],
)
def test_cost_of_staying(edge: dict[str, Any], rules: list[str], won: int) -> None:
    problem = _runs(edge)
    verdict = verify(problem, plan_of(problem, ROBOT_EDGE))
    assert [one.rule for one in verdict.disturbed] == rules
    assert verdict.cost_by_goal["disturbed"] == won


def test_what_leaves_pays_nothing() -> None:
    assert costs(_runs(DRAINING), "disturbed", ROBOT_CORE) == 0


@pytest.mark.parametrize(
    ("robot", "unplaced", "won"),
    [
        ({"value_month": 3}, 1_000, 2),
        ({}, 1_500, 60_000_000),
        ({"asked": False}, 1_500, 40_000_000),
        ({"free": frozenset()}, 1_000, 0),
        ({"devices": 4, "shard_devices": 2}, 1_000, 20_000_000),
    ],
    ids=["rounded up", "weighted", "of another request", "not asked about", "one of two shards"],
)
def test_of_which_value(robot: dict[str, Any], unplaced: int, won: int) -> None:
    assert costs(_runs(DRAINING, robot, unplaced), "disturbed", ROBOT_EDGE) == won


@pytest.mark.parametrize(("node", "won"), [("edge", 15_000_000), ("core", 0)])
def test_what_is_placed_anew_on_what_is_overfull_pays_half_of_its_value(node: str, won: int) -> None:
    """Three cards were in use and two of them are gone; the robots that had two leave, and a newcomer takes one."""
    calm = replace(ROBOT, devices=1, deadline_us=10**7)
    twin = replace(calm, id="twin", current=(Placement("twin", 0, "edge", "policy/l4", 1, (Slot(2, 0),)),))
    newcomer = replace(calm, id="new", value_month=30_000_000)
    nodes = (replace(EDGE, pools=(Pool("l4", 1, 900_000),)), CORE)
    problem = world(nodes=nodes, workloads=(replace(ROBOT, current=(ROBOT_RUNS,)), twin, newcomer))
    stays: Row = ("twin", 0, "edge", "policy/l4", 1)
    assert costs(problem, "disturbed", ROBOT_CORE, stays, ("new", 0, node, "policy/l4", 1)) == won
