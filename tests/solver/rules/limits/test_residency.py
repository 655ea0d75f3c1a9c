"""Residency: data and their backups only in countries that the policy allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.rules.violation import Violation
from tests.solver.rules.judged import KR, ROBOT_CORE, US, broken, ruled
from tests.world import CORE, EDGE, world


@pytest.mark.parametrize(
    ("country", "backups", "allowed", "why"),
    [
        ("KR", US, KR, "core keeps data in US; policy domestic of robot allows KR"),
        ("JP", KR | US, KR, "core keeps data in JP, US; policy domestic of robot allows KR"),
        ("KR", None, KR, "where core keeps backups is unknown; policy domestic of robot allows KR"),
        ("KR", KR, frozenset(), "core keeps data in KR; policy domestic of robot allows nowhere"),
    ],
)
def test_refused(country: str, backups: frozenset[str] | None, allowed: frozenset[str], why: str) -> None:
    core = replace(CORE, country=country, backup_countries=backups)
    problem = world(nodes=(EDGE, core), policies=ruled(countries=allowed))
    assert broken(problem, ROBOT_CORE) == [Violation("residency", "robot", 0, "core", 1, 0, "permission", why)]


@pytest.mark.parametrize(("backups", "allowed"), [(KR, KR), (US, KR | US), (frozenset(), KR), (None, None)])
def test_allowed(backups: frozenset[str] | None, allowed: frozenset[str] | None) -> None:
    problem = world(nodes=(EDGE, replace(CORE, backup_countries=backups)), policies=ruled(countries=allowed))
    assert broken(problem, ROBOT_CORE) == []
