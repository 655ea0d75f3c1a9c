"""Commitment: capacity as firm as the request asks, and there on its day, the 22nd of November 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from solver.facts.network import Commitment
from solver.facts.problem import Problem
from solver.facts.terms import Terms
from solver.rules.violation import Violation
from tests.solver.rules.judged import ROBOT_CORE, broken
from tests.world import CORE, EDGE, world

DAY = date(2026, 11, 22)
STEPS = "steps below operational"


def _asked(lowest: Commitment, node: Commitment, available_from: date | None) -> Problem:
    """A request that admits `lowest`, and a core that is committed like this."""
    core = replace(CORE, commitment=node, available_from=available_from)
    return world(nodes=(EDGE, core), terms=Terms(DAY, lowest))


@pytest.mark.parametrize(
    ("lowest", "node", "available_from", "said"),
    [
        (Commitment.OPERATIONAL, Commitment.MOU, DAY,
         [(4, 0, STEPS, "core is mou; the request admits nothing below operational")]),
        (Commitment.CONTRACTED, Commitment.ANNOUNCED, DAY,
         [(3, 2, STEPS, "core is announced; the request admits nothing below contracted")]),
        (Commitment.ANNOUNCED, Commitment.ANNOUNCED, None, [(1, 0, "date", "core is announced and has no date")]),
        (Commitment.OPERATIONAL, Commitment.OPERATIONAL, date(2026, 12, 2),
         [(10, 0, "days late", "core is there from 2026-12-02; the request is for 2026-11-22")]),
        (Commitment.OPERATIONAL, Commitment.UNDER_CONSTRUCTION, date(2026, 11, 23),
         [(1, 0, STEPS, "core is under_construction; the request admits nothing below operational"),
          (1, 0, "days late", "core is there from 2026-11-23; the request is for 2026-11-22")]),
    ],
    ids=["a wish", "a step too low", "no date", "too late", "both"],
)  # fmt: skip
def test_refused(
    lowest: Commitment, node: Commitment, available_from: date | None, said: list[tuple[int, int, str, str]]
) -> None:
    refused = [Violation("commitment", "robot", 0, "core", *one) for one in said]
    assert broken(_asked(lowest, node, available_from), ROBOT_CORE) == refused


@pytest.mark.parametrize(
    ("lowest", "node", "available_from"),
    [
        (Commitment.OPERATIONAL, Commitment.OPERATIONAL, None),
        (Commitment.OPERATIONAL, Commitment.OPERATIONAL, DAY),
        (Commitment.CONTRACTED, Commitment.CONTRACTED, DAY),
        (Commitment.ASPIRATION, Commitment.UNDER_CONSTRUCTION, date(2020, 1, 1)),
    ],
)
def test_allowed(lowest: Commitment, node: Commitment, available_from: date | None) -> None:
    assert broken(_asked(lowest, node, available_from), ROBOT_CORE) == []
