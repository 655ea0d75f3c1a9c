"""What servers cost to hold, by hand: part of a card, vCPUs, memory; each rounded up to a won for one server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from solver.facts.network import Pool
from solver.facts.terms import Terms, Weights
from tests.solver.rules.judged import CAMERA_CORE, CONTROL_EDGE, ROBOT_CORE, ROBOT_EDGE, Row, costs
from tests.world import CORE, EDGE, world


@pytest.mark.parametrize(
    ("row", "won"),
    [
        # One H100 at 3,000,000, 4 vCPUs at 12,000, 16 GiB at 3,000.
        (ROBOT_CORE, 3_000_000 + 48_000 + 48_000),
        # Two L4s at 900,000, each with 4 vCPUs at 20,000 and 16 GiB at 3,000.
        (ROBOT_EDGE, 2 * (900_000 + 80_000 + 48_000)),
        # Two quarters of an H100, each with 2 vCPUs and 8 GiB.
        (CAMERA_CORE, 2 * (750_000 + 24_000 + 24_000)),
        # No card: a vCPU and half a GiB for each of two.
        (CONTROL_EDGE, 2 * (20_000 + 1_500)),
    ],
)
def test_cost(row: Row, won: int) -> None:
    assert costs(world(), "accelerators", row) == won


def test_placements_add_up_and_what_is_unplaced_adds_nothing() -> None:
    assert costs(world(), "accelerators", ROBOT_CORE, CONTROL_EDGE) == 3_096_000 + 43_000
    assert costs(world(), "accelerators") == 0


def test_a_quarter_of_three_won_is_one() -> None:
    bare = replace(CORE, pools=(Pool("h100", 4, 3),), vcpu_price_month=0, memory_price_gib_month=0)
    assert costs(world(nodes=(EDGE, bare)), "accelerators", CAMERA_CORE) == 2


@pytest.mark.parametrize(("weight", "won"), [(0, 0), (1_500, 2 * 32_250), (1, 2 * 22)])
def test_weight(weight: int, won: int) -> None:
    terms = Terms(date(2026, 11, 22), weights=Weights(accelerators=weight))
    assert costs(world(terms=terms), "accelerators", CONTROL_EDGE) == won
