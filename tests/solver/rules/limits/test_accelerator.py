"""Accelerators: a server fits one of its node in kind, in cut and in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from solver.facts.problem import Problem
from solver.rules.violation import Violation
from tests.solver.rules.judged import CAMERA_CORE, CONTROL_EDGE, ROBOT_EDGE, Row, broken
from tests.world import PROFILES, world


def _with(profile: str, **changes: Any) -> Problem:
    """The tiny world with one profile changed."""
    return world(profiles=tuple(replace(one, **changes) if one.id == profile else one for one in PROFILES))


@pytest.mark.parametrize(
    ("problem", "row", "needed", "available", "unit", "sentence"),
    [
        (world(), ("robot", 0, "edge", "detect/l4", 1), 1, 0, "profile", "detect/l4 serves detect, not policy"),
        (world(), ("robot", 0, "edge", "policy/h100", 1), 1, 0, "pool", "edge has no h100"),
        (_with("policy/l4", memory_mib=24_577), ROBOT_EDGE, 24_577, 24_576, "mib",
         "policy/l4 needs 24577 MiB; its part of l4 has 24576 MiB"),
        (_with("detect/h100q", memory_mib=20_481), CAMERA_CORE, 20_481, 20_480, "mib",
         "detect/h100q needs 20481 MiB; its part of h100 has 20480 MiB"),
        (_with("policy/l4", slice_permille=500), ROBOT_EDGE, 2, 1, "slices",
         "l4 can be cut into 1 parts; policy/l4 needs one of 2"),
        (_with("detect/h100q", slice_permille=125), CAMERA_CORE, 8, 4, "slices",
         "h100 can be cut into 4 parts; detect/h100q needs one of 8"),
    ],
    ids=["other model", "other kind", "too small", "part too small", "not to be cut", "cut too finely"],
)  # fmt: skip
def test_refused(problem: Problem, row: Row, needed: int, available: int, unit: str, sentence: str) -> None:
    refused = Violation("accelerator", row[0], 0, row[2], needed, available, unit, f"{row[0]}: {sentence}")
    assert broken(problem, row) == [refused]


@pytest.mark.parametrize(
    ("problem", "row"),
    [
        (_with("policy/l4", memory_mib=24_576), ROBOT_EDGE),
        (_with("detect/h100q", memory_mib=20_480), CAMERA_CORE),
        (_with("control/cpu", memory_mib=10**6), CONTROL_EDGE),
    ],
    ids=["the whole memory", "its quarter of it", "none at all"],
)
def test_allowed(problem: Problem, row: Row) -> None:
    assert broken(problem, row) == []
