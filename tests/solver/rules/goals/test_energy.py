"""What the servers' electricity costs, by hand: power x PUE x 730 hours x price, rounded up to a won for one server."""

from __future__ import annotations

from datetime import date

import pytest

from solver.facts.terms import Terms, Weights
from tests.solver.rules.judged import CONTROL_EDGE, ROBOT_CORE, ROBOT_EDGE, Row, costs
from tests.world import world


@pytest.mark.parametrize(
    ("row", "won"),
    [
        # 700 W x 1.2 x 730 h = 613.2 kWh, at 180 won.
        (ROBOT_CORE, 110_376),
        # 72 W x 1.5 x 730 h = 78.84 kWh, at 180 won: 14,191.2 for each of two.
        (ROBOT_EDGE, 2 * 14_192),
        # 10 W x 1.5 x 730 h = 10.95 kWh, at 180 won, for each of two.
        (CONTROL_EDGE, 2 * 1_971),
    ],
)
def test_cost(row: Row, won: int) -> None:
    assert costs(world(), "energy", row) == won


def test_placements_add_up_and_what_is_unplaced_adds_nothing() -> None:
    assert costs(world(), "energy", ROBOT_CORE, CONTROL_EDGE) == 110_376 + 3_942
    assert costs(world(), "energy") == 0


@pytest.mark.parametrize(("weight", "won"), [(0, 0), (500, 2 * 986), (2_000, 2 * 3_942)])
def test_weight(weight: int, won: int) -> None:
    terms = Terms(date(2026, 11, 22), weights=Weights(energy=weight))
    assert costs(world(terms=terms), "energy", CONTROL_EDGE) == won
