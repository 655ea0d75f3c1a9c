"""What changes cost: 7,000 won for this robot, whatever about it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from solver.facts.placement import Placement, Slot
from solver.facts.problem import Problem
from solver.facts.terms import Terms, Weights
from solver.facts.workloads import Workload
from tests.solver.rules.judged import ROBOT_CORE, ROBOT_EDGE, Row, cost_of, costs
from tests.world import LINK, ROBOT, ROBOT_RUNS, world

PRICED = replace(ROBOT, move_cost=7_000)
ON_EDGE = replace(PRICED, current=(ROBOT_RUNS,))
IN_CORE = Placement("robot", 0, "core", "policy/h100", 1, (Slot(1, 0),), ("edge-core",))
ON_CORE = replace(PRICED, current=(IN_CORE,))


def _world(robot: Workload, **weights: int) -> Problem:
    beside = replace(LINK, id="beside", capacity_kbps=10**6)
    return world(links=(LINK, beside), workloads=(robot,), terms=Terms(date(2026, 11, 22), weights=Weights(**weights)))


@pytest.mark.parametrize(
    ("robot", "row", "won"),
    [
        (ON_EDGE, ROBOT_CORE, 7_000),
        (ON_CORE, (*ROBOT_CORE[:4], 2), 7_000),
        (ON_CORE, ROBOT_CORE, 0),
        (PRICED, ROBOT_CORE, 0),
        (replace(PRICED, current=(Placement("robot", 0, "edge"),)), ROBOT_CORE, 7_000),
        (replace(PRICED, current=(Placement("robot", 0, "edge"),)), ROBOT_EDGE, 0),
    ],
    ids=["another node", "another size", "as it is", "new", "leaves the node it is known on", "on the node it is known on"],
)
def test_cost(robot: Workload, row: Row, won: int) -> None:
    assert costs(_world(robot), "moves", row) == won


def test_other_parts_of_cards_are_a_move_and_unnamed_ones_are_not() -> None:
    problem = _world(ON_CORE)
    for cards, won in (((Slot(1, 0),), 0), ((Slot(2, 0),), 7_000), ((), 0)):
        assert cost_of(problem, "moves", problem.plan_of([replace(IN_CORE, cards=cards)])) == won


def test_another_route_is_a_move() -> None:
    problem = _world(replace(PRICED, current=(replace(IN_CORE, route=("beside",)),)))
    assert cost_of(problem, "moves", problem.plan_of([IN_CORE])) == 7_000


@pytest.mark.parametrize(
    ("price", "weight", "won"), [(7_000, 2_000, 14_000), (7_001, 500, 3_501), (7_000, 0, 1), (0, 1_000, 1)]
)
def test_weight_and_the_least_that_a_move_costs(price: int, weight: int, won: int) -> None:
    assert costs(_world(replace(ON_EDGE, move_cost=price), moves=weight), "moves", ROBOT_CORE) == won


def test_what_is_not_of_the_request_pays_the_face_value() -> None:
    assert costs(_world(replace(ON_EDGE, asked=False), moves=0), "moves", ROBOT_CORE) == 7_000
