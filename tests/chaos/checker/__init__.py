"""Judges the history of a run: is anything lost, doubled, out of order, over capacity, illegal, worse than was shown.

It knows what callers are promised and nothing of how the product keeps it. Each check is a function from a history to what
is wrong; a finding names its kind, and the requests or things concerned.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.checker import answers, capacity, changes, events, generations, plans
from tests.chaos.checker.finding import Finding
from tests.chaos.history import History

CHECKS = (
    *answers.CHECKS, *generations.CHECKS, *changes.CHECKS, *plans.CHECKS, *events.CHECKS, *capacity.CHECKS,
)  # fmt: skip

__all__ = ["CHECKS", "Finding", "check"]


def check(history: History) -> list[Finding]:
    """All that is wrong with a history that has come to its end."""
    return list(_found(history))


def _found(history: History) -> Iterator[Finding]:
    for one in CHECKS:
        yield from one(history)
