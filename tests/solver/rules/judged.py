"""What the verifier says of a plan for the tiny world, and the rows and policies that the tests of rules share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from solver.facts.network import Domain, Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf
from solver.facts.workloads import Policy
from solver.judging.verify import verify
from solver.rules import LIMITS
from solver.rules.factors import HostRows, ItemRows, PairRows, RouteRows, Rows
from solver.rules.items import Items, hosts_of, items_of
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.world import ROBOT, world

#: (workload, shard, node, profile, servers).
Row = tuple[str, int, str, str, int]

ROBOT_CORE: Row = ("robot", 0, "core", "policy/h100", 1)
ROBOT_EDGE: Row = ("robot", 0, "edge", "policy/l4", 2)
TWIN_CORE: Row = ("twin", 0, "core", "policy/h100", 1)
CAMERA_CORE: Row = ("camera", 0, "core", "detect/h100q", 2)
CONTROL_EDGE: Row = ("control", 0, "edge", "control/cpu", 2)

#: What a node calls its failure domain of each kind that has a name.
FIELDS = {Domain.SITE: "place", Domain.METRO: "metro", Domain.POWER: "power_domain"}

#: A cap of each kind, of the request and standing.
CAPS = tuple(ShareCap(of, 900, standing=standing) for of in ShareOf for standing in (False, True))

KR = frozenset({"KR"})
US = frozenset({"US"})


def ruled(**asks: Any) -> tuple[Policy, ...]:
    """The policies of the tiny world, of which the robots' asks for this alone."""
    return (Policy("open"), Policy("domestic", **asks))


def twins(edge: Node, core: Node, over: Domain, **twin: Any) -> Problem:
    """Two robots in one spread group, with these nodes."""
    robot = replace(ROBOT, spread_group="g", spread_over=over)
    return world(nodes=(edge, core), workloads=(robot, replace(robot, id="twin", **twin)))


def compiled(problem: Problem) -> list[Rows]:
    """The tables of rows of every rule."""
    items = items_of(problem)
    hosts = hosts_of(problem, items)
    factors = [factor for rule in LIMITS for factor in rule.compile(problem, items, hosts)]
    return [one.rows for one in factors if isinstance(one, HostRows | ItemRows | RouteRows | PairRows)]


def broken(problem: Problem, *rows: Row) -> list[Violation]:
    """What the verifier refuses in a plan, by any rule."""
    return list(verify(problem, plan_of(problem, *rows)).violations)


def costs(problem: Problem, goal: str, *rows: Row) -> int:
    """What a plan costs by one goal, in won a month."""
    return cost_of(problem, goal, plan_of(problem, *rows))


def cost_of(problem: Problem, goal: str, plan: Plan) -> int:
    """What a plan that breaks no limit costs by one goal, in won a month."""
    verdict = verify(problem, plan)
    assert verdict.ok, verdict.violations
    return verdict.cost_by_goal[goal]


def some(items: Items, which: list[int]) -> Items:
    """The items `which` alone."""
    spans = [range(items.member_ptr[k], items.member_ptr[k + 1]) for k in which]
    members = np.array([m for span in spans for m in span], np.int64)
    ptr = np.concatenate(([0], np.cumsum([len(span) for span in spans]))).astype(np.int64)
    return replace(
        items, workload=items.workload[which], devices=items.devices[which], current=items.current[which],
        member_ptr=ptr, member_workload=items.member_workload[members], member_shard=items.member_shard[members],
    )  # fmt: skip
