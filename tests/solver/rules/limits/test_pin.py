"""Pins: to the site where the devices are, or to the devices themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.workloads import Pin
from solver.rules.violation import Violation
from tests.solver.rules.judged import ROBOT_CORE, ROBOT_EDGE, broken
from tests.world import CORE, EDGE, ROBOT, world


@pytest.mark.parametrize(
    ("pin", "site", "sentence"),
    [
        (Pin.DEVICE, None, "robot is pinned to its device and must not run on edge"),
        (Pin.DEVICE, "plant", "robot is pinned to its device and must not run on edge"),
        (Pin.SITE, None, "robot is pinned to site plant; edge is not there"),
        (Pin.SITE, "yard", "robot is pinned to site plant; edge is not there"),
    ],
)
def test_refused(pin: Pin, site: str | None, sentence: str) -> None:
    problem = world(nodes=(replace(EDGE, site=site), CORE), workloads=(replace(ROBOT, pin=pin),))
    assert broken(problem, ROBOT_EDGE) == [Violation("pin", "robot", 0, "edge", 1, 0, "permission", sentence)]


def test_allowed_at_the_site_of_its_devices_and_anywhere_without_a_pin() -> None:
    here = (replace(EDGE, site="plant"), CORE)
    assert broken(world(nodes=here, workloads=(replace(ROBOT, pin=Pin.SITE),)), ROBOT_EDGE) == []
    assert broken(world(nodes=here, workloads=(ROBOT,)), ROBOT_CORE) == []
