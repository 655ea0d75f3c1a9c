"""Spread groups by hand: which domains are one, what an unnamed one means, and that both faces call accounts the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from solver.facts.placement import Placement
from solver.facts.plan import joined
from solver.facts.problem import Domain, Node, Problem
from solver.judging.verify import verify
from solver.rules.factors import OpenNodes, PairRows
from solver.rules.items import Items, hosts_of, items_of
from solver.rules.limits import anti_affinity, failure_domain
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.world import CORE, EDGE, ROBOT, world

ROBOT_EDGE = ("robot", 0, "edge", "policy/l4", 2)
TWIN_CORE = ("twin", 0, "core", "policy/h100", 1)
FIELDS = {Domain.SITE: "place", Domain.METRO: "metro", Domain.POWER: "power_domain"}


def _two(edge: Node, core: Node, over: Domain, **twin: Any) -> Problem:
    """Two robots in one group, with these nodes."""
    robot = replace(ROBOT, spread_group="g", spread_over=over)
    return world(nodes=(edge, core), workloads=(robot, replace(robot, id="twin", **twin)))


def _violations(problem: Problem) -> list[Violation]:
    plan = plan_of(problem, ROBOT_EDGE, TWIN_CORE)
    return [*anti_affinity.check(problem, plan), *failure_domain.check(problem, plan)]


def _some(items: Items, which: list[int]) -> Items:
    """The items `which` alone."""
    spans = [range(items.member_ptr[k], items.member_ptr[k + 1]) for k in which]
    members = np.array([m for span in spans for m in span], np.int64)
    ptr = np.concatenate(([0], np.cumsum([len(span) for span in spans]))).astype(np.int64)
    return replace(
        items, workload=items.workload[which], devices=items.devices[which], current=items.current[which],
        member_ptr=ptr, member_workload=items.member_workload[members], member_shard=items.member_shard[members],
    )  # fmt: skip


def _open(problem: Problem) -> list[list[bool]]:
    """For each item the nodes that the rule leaves open."""
    (closer,) = failure_domain.compile(problem, items_of(problem), hosts_of(problem, items_of(problem)))
    assert isinstance(closer, OpenNodes)
    opened: list[list[bool]] = closer.open[closer.key].tolist()
    return opened


def _rows(problem: Problem, items: Items) -> list[tuple[list[str], list[int]]]:
    factors = anti_affinity.compile(problem, items, hosts_of(problem, items_of(problem)))
    return [(list(f.rows.names), f.rows.capacity.tolist()) for f in factors if isinstance(f, PairRows)]


@pytest.mark.parametrize("over", FIELDS)
@pytest.mark.parametrize("spelt", ["Feed-A", "feed-a", " feed-a ", "FEED-A\u00a0", "Ｆeed-A"])
def test_a_domain_is_one_however_it_is_spelt(over: Domain, spelt: str) -> None:
    problem = _two(replace(EDGE, **{FIELDS[over]: "feed-A"}), replace(CORE, **{FIELDS[over]: spelt}), over)
    (violation,) = _violations(problem)
    assert (violation.needed, violation.available) == (2, 1)
    assert f"g in {over} feed-a" in violation.sentence


@pytest.mark.parametrize("over", FIELDS)
@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_a_node_that_does_not_name_its_domain_takes_no_shard_of_a_group(over: Domain, blank: str) -> None:
    problem = _two(EDGE, replace(CORE, **{FIELDS[over]: blank}), over)
    assert _open(problem) == [[True, False]]
    (violation,) = _violations(problem)
    assert (violation.rule, violation.workload, violation.shard, violation.node) == ("failure_domain", "twin", 0, "core")
    assert (violation.needed, violation.available) == (1, 0)
    word = {Domain.SITE: "place", Domain.METRO: "metro area", Domain.POWER: "power domain"}[over]
    assert violation.sentence == f"core does not say which {word} it stands in; group g is spread over {over}"


def test_two_nodes_without_a_name_take_none_of_two_shards() -> None:
    problem = _two(replace(EDGE, power_domain=""), replace(CORE, power_domain=" "), Domain.POWER)
    assert [violation.workload for violation in _violations(problem)] == ["robot", "twin"]
    assert _open(problem) == [[False, False]]


def test_what_runs_where_no_domain_is_named_any_more_may_stay_and_is_disturbed() -> None:
    problem = _two(EDGE, replace(CORE, power_domain=""), Domain.POWER)
    here = Placement("twin", 0, "core", "policy/h100", 1, route=("edge-core",))
    robot, twin = problem.workloads
    problem = replace(problem, workloads=(robot, replace(twin, current=(here,))))
    plan = joined(plan_of(problem, ROBOT_EDGE), problem.in_force)
    verdict = verify(problem, plan)
    assert verdict.ok, verdict.violations
    assert [(broken.rule, broken.workload) for broken in verdict.disturbed] == [("failure_domain", "twin")]
    assert verdict.cost_by_goal["disturbed"] > 0
    moved = verify(problem, plan_of(problem, ROBOT_EDGE, ("twin", 0, "core", "policy/h100", 2)))
    assert [violation.rule for violation in moved.violations] == ["failure_domain"]


def test_a_group_over_nodes_asks_for_no_name() -> None:
    bare = {"place": "", "metro": "", "power_domain": ""}
    problem = _two(replace(EDGE, **bare), replace(CORE, **bare), Domain.NODE)
    assert _violations(problem) == []
    assert _open(problem) == [[True, True]]


def test_a_group_of_one_shard_may_stand_anywhere() -> None:
    """Shards of one name that are spread over another kind of domain are another group."""
    nameless = replace(CORE, place="")
    alone = world(nodes=(EDGE, nameless), workloads=(replace(ROBOT, spread_group="g"), replace(ROBOT, id="twin")))
    apart = _two(EDGE, nameless, Domain.SITE, spread_over=Domain.POWER)
    for problem in (alone, apart):
        plan = plan_of(problem, ("robot", 0, "core", "policy/h100", 1))
        assert list(failure_domain.check(problem, plan)) == []
        assert all(nodes == [True, True] for nodes in _open(problem))


def test_shards_of_one_workload_and_of_several_count_together() -> None:
    nameless = replace(CORE, metro="")
    cut = replace(ROBOT, devices=4, shard_devices=2, spread_group="g", spread_over=Domain.METRO)
    problem = world(nodes=(EDGE, nameless), workloads=(cut,))
    (violation,) = failure_domain.check(problem, plan_of(problem, ("robot", 1, "core", "policy/h100", 1)))
    assert violation.shard == 1
    assert _open(problem) == [[True, False]]


def test_a_place_named_like_another_node_is_another_domain() -> None:
    problem = _two(replace(EDGE, place="core"), replace(CORE, place="p-core"), Domain.SITE)
    assert _violations(problem) == []
    nodes = (replace(EDGE, place="core"), CORE)
    robot = replace(ROBOT, spread_group="g", spread_over=Domain.SITE)
    both = world(nodes=nodes, workloads=(robot, replace(ROBOT, id="twin", spread_group="g", spread_over=Domain.NODE)))
    assert _violations(both) == []


@pytest.mark.parametrize("over", Domain)
def test_both_faces_call_an_account_the_same(over: Domain) -> None:
    problem = _two(replace(EDGE, power_domain="Feed A", metro=" Busan"), replace(CORE, place="P-Core"), over)
    (ledger,) = anti_affinity.ledgers(problem, plan_of(problem, ROBOT_EDGE, TWIN_CORE))
    ((names, capacity),) = _rows(problem, items_of(problem))
    assert set(ledger.names) <= set(names)
    assert set(capacity) == {1}


def test_rows_are_those_of_the_problem_whatever_the_items() -> None:
    workloads = (
        replace(ROBOT, id="a", spread_group="second", spread_over=Domain.POWER),
        replace(ROBOT, id="b"),
        replace(ROBOT, id="c", spread_group="first", devices=5, shard_devices=2),
        replace(ROBOT, id="d", spread_group="first", spread_over=Domain.POWER),
    )
    problem = world(workloads=workloads, nodes=(EDGE, replace(CORE, power_domain="")))
    items = items_of(problem)
    every = _rows(problem, items)
    assert [names for names, _ in every] == [
        ["first in site p-edge", "first in site p-core"],
        ["second in power grid-1", "first in power grid-1"],
    ]
    for size in range(len(items)):
        for which in combinations(range(len(items)), size):
            assert _rows(problem, _some(items, list(which))) == every
