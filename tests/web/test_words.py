"""The dashboard has a word in both languages for everything that the service calls by a name of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from app.schemas.events import TYPES
from app.schemas.maps import STATUSES
from solver.engines import PHASES, Stage
from solver.facts.difference import ACTIONS
from solver.facts.network import Commitment, NodeState, Tier
from solver.facts.terms import ShareOf
from solver.rules import GOALS, LIMITS, name_of
from tests.web.service import ROOT

WORDS = ROOT / "app" / "web" / "src" / "i18n" / "words.ts"


def reported() -> Iterator[str]:
    """The names under which plans and bounds are reported, where these are written out."""
    told = re.compile(
        r"(?:best\.(?:offer|offer_part|offer_placement|prove|believe)|_say)\((?:.*, )?\"([a-z]+)\"\)$", re.MULTILINE
    )
    for file in (ROOT / "solver").rglob("*.py"):
        yield from told.findall(file.read_text())


NAMES = {
    "rule": [name_of(rule) for rule in (*LIMITS, *GOALS)],
    "goal": [name_of(goal) for goal in GOALS],
    "event": TYPES,
    "status": STATUSES,
    "action": [action for action in ACTIONS if action != "kept"],
    "phase": list(Stage),
    "party": list(ShareOf),
    "commitment": list(Commitment),
    "state": list(NodeState),
    "tier": list(Tier),
    "unit": [f"{thing}.{count}" for thing in ("card", "vcpu", "cell") for count in ("one", "many")],
}


@pytest.mark.parametrize("family", NAMES)
def test_every_name_has_a_word_in_both_languages(family: str) -> None:
    known = Counter(re.findall(r'^  "([a-z_.]+)": "', WORDS.read_text(), re.MULTILINE))
    assert NAMES[family]
    assert [name for name in NAMES[family] if known[f"{family}.{name}"] != 2] == []


def test_every_phase_and_all_that_is_reported_is_a_stage() -> None:
    assert {phase.name for phase in PHASES} <= set(Stage)
    assert set(reported()) <= set(Stage)


def test_no_stage_has_a_word_that_is_not_one() -> None:
    assert set(re.findall(r'^  "phase\.([a-z_]+)": "', WORDS.read_text(), re.MULTILINE)) == set(Stage)
