"""Certificates: one of those that the policy names, valid on the day of the request, the 22nd of November 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from solver.facts.network import Certification
from solver.facts.problem import Problem
from solver.rules.violation import Violation
from tests.solver.rules.judged import ROBOT_CORE, broken, ruled
from tests.world import CORE, EDGE, world

VALID = Certification("CSAP-M", date(2026, 11, 22))
EXPIRED = Certification("CSAP-M", date(2026, 11, 21))


def _asked(asked: set[str], *held: Certification) -> Problem:
    """A policy that asks for one of these, and a core that holds those."""
    return world(nodes=(EDGE, replace(CORE, certifications=held)), policies=ruled(certifications=frozenset(asked)))


@pytest.mark.parametrize(
    ("asked", "held", "why"),
    [
        ({"CSAP-M"}, [EXPIRED], "asks for CSAP-M; core holds only expired ones (CSAP-M)"),
        ({"CSAP-M"}, [], "asks for CSAP-M; core holds none of them"),
        ({"CSAP-H", "CSAP-M"}, [EXPIRED], "asks for CSAP-H or CSAP-M; core holds only expired ones (CSAP-M)"),
        ({"CSAP-H"}, [VALID], "asks for CSAP-H; core holds none of them"),
    ],
)
def test_refused(asked: set[str], held: list[Certification], why: str) -> None:
    sentence = f"policy domestic of robot {why}"
    refused = Violation("certification", "robot", 0, "core", 1, 0, "certificate", sentence)
    assert broken(_asked(asked, *held), ROBOT_CORE) == [refused]


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ({"CSAP-M"}, [VALID]),
        ({"CSAP-M"}, [Certification("CSAP-M")]),
        ({"CSAP-H", "CSAP-M"}, [EXPIRED, Certification("CSAP-H")]),
        (set(), [EXPIRED]),
    ],
)
def test_allowed(asked: set[str], held: list[Certification]) -> None:
    assert broken(_asked(asked, *held), ROBOT_CORE) == []
