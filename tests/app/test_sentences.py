"""Whatever the service says by a code, the page says in both of its languages."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from app import errors
from app.api.problems import all_kinds
from app.cli.views.parts.accounts import UNITS as SAID_UNITS
from app.schemas.plans import Warned
from solver.facts.network import Domain
from solver.facts.terms import Terms
from solver.rules import GOALS, LIMITS, RULES, name_of
from solver.rules.wording import UNITS
from tests.solver.rules.judged import CAPS, compiled, twins
from tests.world import CORE, EDGE

WORDS = Path(__file__).parents[2] / "app" / "web" / "src" / "i18n"
TERMS = Terms(date(2026, 11, 22), share_caps=CAPS)
#: Ends of plans that have a code of their own, beside those of refusals.
FAILURES = ("plan.cancelled", "solve.killed", "solve.lost", "solver.unverified")


@pytest.fixture(scope="module", params=["en", "ko"])
def said(request: pytest.FixtureRequest) -> dict[str, str]:
    """All that one language says, by its keys."""
    found: dict[str, str] = {}
    for name in ("words", "says"):
        english, korean = (WORDS / f"{name}.ts").read_text().split("export const ko")
        half = english if request.param == "en" else korean
        found |= dict(re.findall(r'^  "([^"]+)": "(.*)",$', half, re.MULTILINE))
    return found


def test_every_rule_has_a_name_and_every_limit_a_sentence(said: dict[str, str]) -> None:
    assert [name for name in map(name_of, RULES) if not said.get(f"rule.{name}")] == []
    assert [name for name in ("form", *map(name_of, LIMITS)) if not said.get(f"says.{name}")] == []
    assert [name for name in map(name_of, GOALS) if not said.get(f"goal.{name}")] == []


def test_every_unit_resource_and_part_of_an_account_has_a_word(said: dict[str, str]) -> None:
    tables = [table for over in Domain for table in compiled(replace(twins(EDGE, CORE, over), terms=TERMS))]
    assert {"power_domain", "metro", "site", "node", "standing_share"} <= {table.resource for table in tables}
    assert [table.resource for table in tables if not said.get(f"resource.{table.resource}")] == []
    units = (WORDS.parent / "units.ts").read_text()
    for code in UNITS:
        assert re.search(rf"^  {code}: ", units, re.MULTILINE), code
        assert said.get(f"unit.{code}"), code
        assert code in SAID_UNITS
    domains = {str(field) for table in tables if table.rule == "anti_affinity" for field in table.subjects.fields} - {
        "group"
    }
    assert [field for field in domains if not said.get(f"domain.{field}")] == []


def test_every_warning_and_every_failure_has_a_sentence(said: dict[str, str]) -> None:
    codes = get_args(Warned.model_fields["code"].annotation)
    assert codes
    assert [code for code in codes if not said.get(f"says.warned.{code}")] == []
    assert [code for code in FAILURES if not said.get(f"says.failed.{code}")] == []


def test_every_refusal_and_every_kind_of_fault_is_told_of(said: dict[str, str]) -> None:
    meanings = {kind.code: " ".join(kind.meaning.split()) for kind in all_kinds()}
    assert [code for code in meanings if not said.get(f"says.detail.{code}")] == []
    assert [code for code in errors.FAULT_CODES if not said.get(f"says.fault.{code}")] == []
    if said["rule.deadline"] == "Deadline":
        assert {code: said[f"says.detail.{code}"] for code in meanings} == meanings


def test_every_refusal_has_a_title_and_the_english_one_is_the_services(said: dict[str, str]) -> None:
    titles = {
        one.code: one.title for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, errors.AppError)
    }
    assert [code for code in titles if not said.get(f"says.problem.{code}")] == []
    if said["rule.deadline"] == "Deadline":
        assert {code: said[f"says.problem.{code}"] for code in titles} == titles
