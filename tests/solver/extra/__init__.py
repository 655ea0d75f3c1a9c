"""Rules that a solver could be given beside its own, each of a factor kind that one of its own returns already."""

from __future__ import annotations

import sys

import pytest

from solver import rules
from tests.solver.extra import churn, freeze, rent

LIMITS, GOALS = (freeze,), (churn, rent)


def name_extra_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the extra rules in the tuples of all rules, wherever these are imported."""
    for name, more in {"RULES": (*LIMITS, *GOALS), "LIMITS": LIMITS, "SINGLE": LIMITS, "GOALS": GOALS}.items():
        named = getattr(rules, name)
        for module in [one for key, one in sys.modules.items() if key.startswith("solver.")] + [rules]:
            if getattr(module, name, None) is named:
                monkeypatch.setattr(module, name, (*named, *more))
