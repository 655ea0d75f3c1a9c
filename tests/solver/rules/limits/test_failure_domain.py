"""Failure domains by name: a shard that stands apart from others runs only where the node says which domain it is in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.network import Domain
from solver.facts.placement import Placement
from solver.facts.plan import joined
from solver.facts.problem import Problem
from solver.judging.verify import verify
from solver.rules.factors import OpenNodes
from solver.rules.items import hosts_of, items_of
from solver.rules.limits import failure_domain
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.solver.rules.judged import FIELDS, ROBOT_EDGE, TWIN_CORE, broken, twins
from tests.world import CORE, EDGE, ROBOT, world


def _open(problem: Problem) -> list[list[bool]]:
    """For each item the nodes that the rule leaves open."""
    (closer,) = failure_domain.compile(problem, items_of(problem), hosts_of(problem, items_of(problem)))
    assert isinstance(closer, OpenNodes)
    opened: list[list[bool]] = closer.open[closer.key].tolist()
    return opened


@pytest.mark.parametrize("over", FIELDS)
@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_refused_where_the_node_does_not_name_its_domain(over: Domain, blank: str) -> None:
    problem = twins(EDGE, replace(CORE, **{FIELDS[over]: blank}), over)
    assert _open(problem) == [[True, False]]
    word = {Domain.SITE: "place", Domain.METRO: "metro area", Domain.POWER: "power domain"}[over]
    why = f"core does not say which {word} it stands in; group g is spread over {over}"
    refused = Violation("failure_domain", "twin", 0, "core", 1, 0, "named_domain", why)
    assert broken(problem, ROBOT_EDGE, TWIN_CORE) == [refused]


def test_two_nodes_without_a_name_take_none_of_two_shards() -> None:
    problem = twins(replace(EDGE, power_domain=""), replace(CORE, power_domain=" "), Domain.POWER)
    assert [one.workload for one in broken(problem, ROBOT_EDGE, TWIN_CORE)] == ["robot", "twin"]
    assert _open(problem) == [[False, False]]


def test_what_runs_where_no_domain_is_named_any_more_may_stay_and_is_disturbed() -> None:
    problem = twins(EDGE, replace(CORE, power_domain=""), Domain.POWER)
    here = Placement("twin", 0, "core", "policy/h100", 1, route=("edge-core",))
    robot, twin = problem.workloads
    problem = replace(problem, workloads=(robot, replace(twin, current=(here,))))
    plan = joined(plan_of(problem, ROBOT_EDGE), problem.in_force)
    verdict = verify(problem, plan)
    assert verdict.ok, verdict.violations
    assert [(one.rule, one.workload) for one in verdict.disturbed] == [("failure_domain", "twin")]
    assert verdict.cost_by_goal["disturbed"] > 0
    moved = broken(problem, ROBOT_EDGE, ("twin", 0, "core", "policy/h100", 2))
    assert [violation.rule for violation in moved] == ["failure_domain"]


def test_a_group_over_nodes_asks_for_no_name() -> None:
    bare = {"place": "", "metro": "", "power_domain": ""}
    problem = twins(replace(EDGE, **bare), replace(CORE, **bare), Domain.NODE)
    assert broken(problem, ROBOT_EDGE, TWIN_CORE) == []
    assert _open(problem) == [[True, True]]


def test_a_group_of_one_shard_may_stand_anywhere() -> None:
    """Shards of one name that are spread over another kind of domain are another group."""
    nameless = replace(CORE, place="")
    alone = world(nodes=(EDGE, nameless), workloads=(replace(ROBOT, spread_group="g"), replace(ROBOT, id="twin")))
    apart = twins(EDGE, nameless, Domain.SITE, spread_over=Domain.POWER)
    for problem in (alone, apart):
        assert broken(problem, ("robot", 0, "core", "policy/h100", 1)) == []
        assert all(nodes == [True, True] for nodes in _open(problem))


def test_shards_of_one_workload_and_of_several_count_together() -> None:
    nameless = replace(CORE, metro="")
    cut = replace(ROBOT, devices=4, shard_devices=2, spread_group="g", spread_over=Domain.METRO)
    problem = world(nodes=(EDGE, nameless), workloads=(cut,))
    (refused,) = broken(problem, ("robot", 1, "core", "policy/h100", 1))
    assert (refused.rule, refused.shard) == ("failure_domain", 1)
    assert _open(problem) == [[True, False]]
