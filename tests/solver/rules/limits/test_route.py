"""Routes: new traffic takes the fastest allowed route; beside a link that demand can fill, a parallel one serves as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.network import Link
from solver.facts.placement import Placement
from solver.facts.problem import Problem
from solver.judging.verify import verify
from solver.rules.violation import Violation
from tests.solver.rules.judged import KR, US, ruled
from tests.world import CORE, EDGE, LINK, ROBOT, world

#: What all robots send and receive together, in kbit/s.
DEMAND = 2 * (1_840 + 112)
SLOW = replace(LINK, id="slow", latency_us=3_000)
BY_SLOW = Placement("robot", 0, "core", "policy/h100", 1, (), ("slow",))


def _world(*links: Link, **robot: object) -> Problem:
    return world(links=links, workloads=(replace(ROBOT, **robot),))


def _refused(problem: Problem, one: Placement) -> list[Violation]:
    return list(verify(problem, problem.plan_of([one])).violations)


@pytest.mark.parametrize(
    ("slow", "sentence"),
    [
        (SLOW, "takes 6000 us there and back; the fastest takes 2000 us"),
        # Forward it is faster; there and back it is not.
        (replace(SLOW, latency_us=0, latency_back_us=2_001), "takes 2001 us there and back; the fastest takes 2000 us"),
    ],
)
def test_refused(slow: Link, sentence: str) -> None:
    needed = slow.round_trip_us
    why = f"the route of robot to core {sentence}"
    assert _refused(_world(LINK, slow), BY_SLOW) == [Violation("route", "robot", 0, "core", needed, 2_000, "us", why)]


def test_a_detour_through_another_node_is_refused_even_beside_a_link_that_demand_fills() -> None:
    narrow = replace(LINK, capacity_kbps=DEMAND - 1)
    there = [replace(LINK, id="out", target="relay"), replace(LINK, id="on", source="relay")]
    problem = world(nodes=(EDGE, CORE, replace(EDGE, id="relay")), links=(narrow, *there), workloads=(ROBOT,))
    (refused,) = _refused(problem, replace(BY_SLOW, route=("out", "on")))
    assert (refused.rule, refused.needed, refused.available) == ("route", 4_000, 2_000)


@pytest.mark.parametrize("narrow", [{"capacity_kbps": DEMAND - 1}, {"capacity_back_kbps": DEMAND - 1}])
def test_a_parallel_link_is_allowed_beside_one_that_demand_can_fill(narrow: dict[str, int]) -> None:
    assert _refused(_world(replace(LINK, **narrow), SLOW), BY_SLOW) == []
    wide = dict.fromkeys(narrow, DEMAND)
    assert [refused.rule for refused in _refused(_world(replace(LINK, **wide), SLOW), BY_SLOW)] == ["route"]


def test_the_fastest_way_is_the_fastest_that_the_policy_allows() -> None:
    abroad = replace(LINK, jurisdictions=KR | US)
    problem = replace(_world(abroad, SLOW), policies=ruled(transit=KR))
    assert _refused(problem, BY_SLOW) == []


def test_what_runs_may_keep_the_way_that_it_has() -> None:
    assert _refused(_world(LINK, SLOW, current=(BY_SLOW,)), BY_SLOW) == []
