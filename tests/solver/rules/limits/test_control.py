"""Control: who owns, operates, rents, staffs, may compel, and holds the keys. What is not known counts as a no."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from solver.facts.network import KeyCustody
from solver.facts.problem import Problem
from solver.rules.violation import Violation
from tests.solver.rules.judged import KR, ROBOT_CORE, US, broken, ruled
from tests.world import CORE, EDGE, world

NO = (1, 0, "permission")
KEYS = (1, 0, "key custody")
ENCRYPTION = (1, 0, "encryption")
MINE, THEIRS = KeyCustody.CUSTOMER, KeyCustody.PROVIDER


def _core(asks: dict[str, Any], core: dict[str, Any]) -> Problem:
    """A policy that asks this, and a core of which these things are so."""
    return world(nodes=(EDGE, replace(CORE, **core)), policies=ruled(**asks))


@pytest.mark.parametrize(
    ("asks", "core", "numbers", "why"),
    [
        ({"owner_countries": KR}, {"owner_country": "US"}, NO, "the owner of core is of US"),
        ({"operator_countries": KR}, {"operator_country": "US"}, NO, "the operator of core is of US"),
        ({"operator_countries": KR}, {"operator_country": None}, NO, "the operator of core is of an unknown country"),
        ({"tenant_countries": KR}, {"tenant_country": "US"}, NO, "the tenant of core is of US"),
        ({"tenant_countries": KR}, {"tenant_country": None}, NO, "the tenant of core is of an unknown country"),
        ({"personnel_countries": KR}, {"personnel_countries": KR | US}, NO, "the staff of core are of US"),
        ({"personnel_countries": KR}, {"personnel_countries": None}, NO, "the staff of core are of unknown countries"),
        ({"control_jurisdictions": KR}, {"control_jurisdictions": KR | US}, NO,
         "those who can compel access of core are of US"),
        ({"control_jurisdictions": KR}, {"control_jurisdictions": None}, NO,
         "those who can compel access of core are of unknown countries"),
        ({"max_foreign_equity_permille": 300}, {"foreign_equity_permille": {"US": 281, "JP": 20}}, (301, 300, "permille"),
         "foreigners own 301 permille of core, more than 300"),
        ({"max_foreign_equity_permille": 300}, {"foreign_equity_permille": None}, (1000, 300, "permille"),
         "how much of core foreigners own is unknown"),
        ({"max_foreign_equity_permille": 300, "owner_countries": KR | US}, {"foreign_equity_permille": {"US": 9, "JP": 301}},
         (301, 300, "permille"), "foreigners own 301 permille of core, more than 300"),
        ({"key_custody": MINE}, {"key_custody": THEIRS}, KEYS, "the keys at core are held by provider"),
        ({"key_custody": MINE}, {"key_custody": None}, KEYS, "the keys at core are held by nobody known"),
        ({"key_custody": THEIRS}, {"key_custody": None}, KEYS, "the keys at core are held by nobody known"),
        ({"double_encryption": True}, {"double_encryption": False}, ENCRYPTION, "core is not known to encrypt twice"),
        ({"double_encryption": True}, {"double_encryption": None}, ENCRYPTION, "core is not known to encrypt twice"),
    ],
)  # fmt: skip
def test_refused(asks: dict[str, Any], core: dict[str, Any], numbers: tuple[int, int, str], why: str) -> None:
    sentence = f"{why}; policy domestic of robot forbids it"
    assert broken(_core(asks, core), ROBOT_CORE) == [Violation("control", "robot", 0, "core", *numbers, sentence)]


@pytest.mark.parametrize(
    ("asks", "core"),
    [
        ({"owner_countries": KR | US}, {"owner_country": "US"}),
        ({"operator_countries": KR}, {}),
        ({"tenant_countries": KR}, {}),
        ({"personnel_countries": KR | US}, {"personnel_countries": US}),
        ({"control_jurisdictions": KR}, {"control_jurisdictions": frozenset()}),
        ({"max_foreign_equity_permille": 300}, {"foreign_equity_permille": {"US": 280, "JP": 20, "KR": 700}}),
        ({"max_foreign_equity_permille": 0, "owner_countries": KR | US}, {"foreign_equity_permille": {"US": 400}}),
        ({"key_custody": MINE}, {"key_custody": MINE}),
        ({"key_custody": THEIRS}, {"key_custody": MINE}),
        ({"double_encryption": True}, {"double_encryption": True}),
        ({}, {"operator_country": None, "control_jurisdictions": None, "foreign_equity_permille": None}),
    ],
)
def test_allowed(asks: dict[str, Any], core: dict[str, Any]) -> None:
    assert broken(_core(asks, core), ROBOT_CORE) == []
