"""Which parts of which cards: what stays has those that it has now, and what is new needs free ones that are there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver import Limits, place
from solver.facts.catalogue import Profile
from solver.facts.network import Pool
from solver.facts.placement import Placement, Slot
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Workload
from solver.judging.verify import verify
from solver.rules.violation import Violation
from tests.world import CAMERA, CORE, H100, world

HALF = Profile("half", "half", "h100", "r", ((1, 1_000),), 8_192, 500)
WHOLE = Profile("whole", "whole", "h100", "r", ((1, 1_000),), 8_192, 1000)
SMALL = replace(CAMERA, access="plant-wire", devices=1, rate_mhz=1_000)
EDGE_OF_CORE = ("edge-core",)


def _apart(*slots: tuple[Slot, ...], servers: int = 1) -> tuple[Violation, ...]:
    """What the verifier refuses where two workloads have these halves of two cards."""
    names = ("a", "b")[: len(slots)]
    core = replace(CORE, pools=(Pool(H100.id, 2, 3_000_000),))
    workloads = tuple(replace(SMALL, id=name, model="half") for name in names)
    problem = world(nodes=(world().nodes[0], core), profiles=(HALF,), workloads=workloads)
    rows = [Placement(name, 0, "core", "half", servers, has, EDGE_OF_CORE) for name, has in zip(names, slots, strict=True)]
    return verify(problem, problem.plan_of(rows)).violations


@pytest.mark.parametrize(
    ("slots", "servers", "needed", "available", "unit", "sentence"),
    [
        ([(Slot(0, 0),), (Slot(0, 0),)], 1, 2, 1, "servers", "a and b have the same part of a card on core"),
        ([(Slot(0, 2),)], 1, 1, 2, "cards",
         "a on core has a part of a card that is not there, or that begins where its size does not"),
        ([(Slot(2, 0),)], 1, 3, 2, "cards",
         "a on core has a part of a card that is not there, or that begins where its size does not"),
        ([(Slot(0, 0),)], 2, 2, 1, "parts", "a on core has parts of cards for 1 servers, not for 2"),
    ],
    ids=["the same half", "across the middle", "no such card", "a part too few"],
)  # fmt: skip
def test_refused(slots: list[tuple[Slot, ...]], servers: int, needed: int, available: int, unit: str, sentence: str) -> None:
    refused = Violation("cards", "a", 0, "core", needed, available, unit, sentence)
    assert _apart(*slots, servers=servers) == (refused,)


@pytest.mark.parametrize("slots", [[(Slot(0, 0),), (Slot(0, 4),)], [(Slot(1, 4),), (Slot(0, 4),)], [(), ()]])
def test_allowed_on_halves_of_their_own(slots: list[tuple[Slot, ...]]) -> None:
    assert _apart(*slots) == ()


def _halves(cards: int, *slots: Slot) -> Problem:
    """A node with so many cards, halves that run on the given parts and are not free, and a newcomer that wants a card."""
    halves = tuple(
        replace(SMALL, id=f"half{i}", model="half", free=frozenset(), asked=False,
                current=(Placement(f"half{i}", 0, "core", "half", 1, (slot,), EDGE_OF_CORE),))
        for i, slot in enumerate(slots)
    )  # fmt: skip
    node = replace(CORE, pools=(Pool(H100.id, cards, 3_000_000),))
    newcomer: Workload = replace(SMALL, id="new", model="whole")
    return world(nodes=(world().nodes[0], node), profiles=(HALF, WHOLE), workloads=(*halves, newcomer))


def _beside(problem: Problem, profile: str) -> Plan:
    """What runs, without a word about its cards, and the newcomer, without one either."""
    new = Placement("new", 0, "core", profile, 1, (), EDGE_OF_CORE)
    plan = problem.plan_of([*problem.placements(problem.in_force), new])
    return replace(plan, card_ptr=np.zeros(len(plan) + 1, np.int64), card=np.zeros(0, np.int64))


def test_what_stays_without_a_word_about_its_cards_has_those_that_it_has_now() -> None:
    apart = _halves(2, Slot(0, 0), Slot(1, 4))
    why = "the free cards of core/h100 can be cut into slices of 1 card or more to 0 cards in all; 1 card would be needed"
    refused = Violation("cards", "new", 0, "core", 1_000, 0, "card_milli", why)
    assert verify(apart, _beside(apart, "whole")).violations == (refused,)
    assert place(apart, Limits(seconds=5, workers=1)).verdict.unplaced == ((2, 0),)
    together = _halves(2, Slot(1, 0), Slot(1, 4))
    assert verify(together, _beside(together, "whole")).ok
    assert place(together, Limits(seconds=5, workers=1)).verdict.unplaced == ()


def test_what_has_lost_its_card_leaves_nobody_new_a_place() -> None:
    problem = _halves(0, Slot(0, 0), Slot(0, 4))
    may_end = tuple(replace(w, free=None, may_end=True) for w in problem.workloads)
    problem = replace(problem, workloads=may_end)
    plan = _beside(problem, "whole")
    verdict = verify(problem, plan.rows(np.array([2])))
    assert {broken.rule for broken in verdict.violations} == {"cards"}
    assert verify(problem, plan.rows(np.array([0, 1]))).ok
