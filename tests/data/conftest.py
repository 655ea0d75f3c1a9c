"""The committed reference network, read once."""

from __future__ import annotations

from typing import Any

import pytest

from data.build import REFERENCE
from solver.facts.problem import Problem
from tests.data.loading import problem_from, read

Document = dict[str, Any]


@pytest.fixture(scope="session")
def network() -> Document:
    return read(REFERENCE, "network")


@pytest.fixture(scope="session")
def commitments() -> Document:
    return read(REFERENCE, "commitments")


@pytest.fixture(scope="session")
def impossible() -> dict[str, str]:
    found: dict[str, str] = read(REFERENCE, "expectations")["impossible"]
    return found


@pytest.fixture(scope="session")
def problem() -> Problem:
    return problem_from(REFERENCE)
