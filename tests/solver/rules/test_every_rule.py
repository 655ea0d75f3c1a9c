"""Every rule has a file of tests, and every file of tests a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.rules import GOALS, LIMITS, Goal, Limit, name_of

HERE = Path(__file__).parent


@pytest.mark.parametrize(("kind", "rules"), [("limits", LIMITS), ("goals", GOALS)])
def test_a_file_a_rule(kind: str, rules: tuple[Limit | Goal, ...]) -> None:
    files = {path.stem.removeprefix("test_") for path in (HERE / kind).glob("test_*.py")}
    assert files == {name_of(rule) for rule in rules}
