"""What is left unplaced costs its value, an equal part for each shard without a place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from solver.facts.terms import Terms, Weights
from solver.judging.verify import verify
from tests.plans import plan_of
from tests.solver.rules.judged import ROBOT_CORE, Row, costs
from tests.world import CAMERA, CONTROL, ROBOT, world

#: Five robots in three shards of 34 won each.
CUT = replace(ROBOT, devices=5, shard_devices=2, value_month=100)
FIRST: Row = ("robot", 0, "core", "policy/h100", 1)
LAST: Row = ("robot", 2, "core", "policy/h100", 1)


@pytest.mark.parametrize(("rows", "won"), [([], 160_000_000), ([ROBOT_CORE], 80_000_000)])
def test_cost(rows: list[Row], won: int) -> None:
    assert costs(world(workloads=(ROBOT, CAMERA, CONTROL)), "unplaced", *rows) == won


@pytest.mark.parametrize(
    ("rows", "won", "unplaced"), [([], 3 * 34, (0, 1, 2)), ([FIRST], 2 * 34, (1, 2)), ([FIRST, LAST], 34, (1,))]
)
def test_each_shard_is_an_equal_part_rounded_up(rows: list[Row], won: int, unplaced: tuple[int, ...]) -> None:
    problem = world(workloads=(CUT,))
    assert costs(problem, "unplaced", *rows) == won
    assert verify(problem, plan_of(problem, *rows)).unplaced == tuple((0, shard) for shard in unplaced)


@pytest.mark.parametrize(
    ("weight", "asked", "won"), [(500, True, 3 * 17), (0, True, 0), (1_100, True, 3 * 38), (0, False, 3 * 34)]
)
def test_weight_counts_for_what_the_request_asks(weight: int, asked: bool, won: int) -> None:
    terms = Terms(date(2026, 11, 22), weights=Weights(unplaced=weight))
    assert costs(world(workloads=(replace(CUT, asked=asked),), terms=terms), "unplaced") == won
