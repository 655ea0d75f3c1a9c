"""Tiers: only those that a workload names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.network import Tier
from solver.rules.violation import Violation
from tests.solver.rules.judged import ROBOT_CORE, broken
from tests.world import ROBOT, world


@pytest.mark.parametrize(
    ("tiers", "named"), [({Tier.MEC}, "mec"), ({Tier.REGIONAL, Tier.METRO}, "metro, regional"), (set(), "none")]
)
def test_refused(tiers: set[Tier], named: str) -> None:
    problem = world(workloads=(replace(ROBOT, tiers=frozenset(tiers)),))
    sentence = f"core is of tier core; robot allows {named}"
    assert broken(problem, ROBOT_CORE) == [Violation("tier", "robot", 0, "core", 1, 0, "permission", sentence)]


@pytest.mark.parametrize("tiers", [{Tier.CORE}, {Tier.MEC, Tier.CORE}])
def test_allowed(tiers: set[Tier]) -> None:
    assert broken(world(workloads=(replace(ROBOT, tiers=frozenset(tiers)),)), ROBOT_CORE) == []
