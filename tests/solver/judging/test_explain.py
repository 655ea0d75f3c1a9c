"""Explanations say what is true: numbers of the budget, the next-best place, and which rules stand in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from solver import Plan, explain, verify
from solver.facts.network import Commitment, Domain, NodeState, Pool, Tier
from solver.facts.placement import Placement
from solver.facts.problem import Problem
from solver.facts.queueing import best_batch
from solver.judging.explain import Change, Holder, apply_change
from tests.plans import plan_of
from tests.world import CAMERA, CONTROL, CORE, EDGE, LINK, ROBOT, world


def test_a_placed_shard_tells_its_budget_cost_and_next_best() -> None:
    problem = world(workloads=(ROBOT,))
    plan = plan_of(problem, ("robot", 0, "edge", "policy/l4", 2))
    (shard,) = explain(problem, plan, "robot").placed
    split = shard.latency
    assert split.access_us == 400
    assert split.transfer_us == 37 + 3  # 46,000 and 2,800 bytes at 10 Gbit/s
    assert split.transport_us == 0
    assert split.service_us == 40_000
    assert split.margin_us == 150_000 - 400 - 40 - 40_000 - split.waiting_us
    verdict = verify(problem, plan)
    assert shard.cost_by_goal == {goal: won for goal, won in verdict.cost_by_goal.items() if goal != "unplaced"}
    assert shard.next_best is not None
    assert (shard.next_best.node, shard.next_best.profile) == ("core", "policy/l4")
    moved = verify(problem, plan_of(problem, ("robot", 0, "core", "policy/l4", 2)))
    assert moved.ok
    assert shard.extra_cost == moved.cost - verdict.cost


def test_an_unplaced_shard_tells_every_node_and_the_one_rule_to_relax() -> None:
    nodes = (replace(EDGE, pools=(Pool("l4", 1, 900_000),)), replace(CORE, pools=()))
    problem = world(nodes=nodes, workloads=(replace(ROBOT, tiers=frozenset({Tier.MEC})),))
    story = explain(problem, Plan.empty(), "robot")
    assert story.unplaced == (0,)
    edge, core = story.candidates
    (short,) = edge.refusals
    assert (short.rule, short.needed, short.available) == ("node_capacity", 2_000, 1_000)
    assert core.rules == {"accelerator", "tier"}
    assert story.histogram == {"node_capacity": 1, "accelerator": 1, "tier": 1}
    (repair,) = story.repairs
    assert (repair.rule, repair.nodes, repair.node) == ("node_capacity", 1, "edge")
    assert repair.change == (Change("nodes", "edge", "pools", (Pool("l4", 2, 900_000),)),)
    mended = explain(apply_change(problem, repair.change[0]), Plan.empty(), "robot")
    assert [one.node for one in mended.candidates if one.fits] == ["edge"]


def test_what_others_use_is_counted_and_named() -> None:
    problem = world(workloads=(ROBOT, replace(ROBOT, id="late")), nodes=(EDGE, replace(CORE, pools=())))
    plan = plan_of(problem, ("robot", 0, "edge", "policy/l4", 2))
    story = explain(problem, plan, "late")
    assert [(v.rule, v.needed, v.available) for v in story.candidates[0].refusals] == [("node_capacity", 2_000, 0)]
    assert story.holders == (Holder("robot", 1, 2_000),)
    assert "Room there is held by robot (2 cards)" in story.sentence


def test_a_shards_own_room_is_never_counted_against_it() -> None:
    alone = world(workloads=(ROBOT,), nodes=(replace(EDGE, pools=(Pool("l4", 1, 900_000),)), replace(CORE, pools=())))
    here = Placement("robot", 0, "edge", "policy/l4", 2)
    problem = replace(alone, workloads=(replace(ROBOT, current=(here,)),))
    # The pool has shrunk to one card; what runs on two of them may stay there.
    nearest = explain(problem, Plan.empty(), "robot").candidates[0]
    assert (nearest.node, nearest.fits, nearest.servers) == ("edge", True, 2)


def _full(**changes: Any) -> Problem:
    """Something of little value runs on the only two cards and is not asked about; the newcomer is worth more."""
    runs = Placement("robot", 0, "edge", "policy/l4", 2)
    robot = replace(ROBOT, current=(runs,), free=frozenset())
    return world(workloads=(robot, replace(ROBOT, id="new", value_month=10**9)), **changes)


def test_a_newcomer_is_told_who_holds_the_room_and_that_preemption_would_free_it() -> None:
    problem = _full(nodes=(EDGE, replace(CORE, pools=())))
    story = explain(problem, problem.in_force, "new")
    assert not story.placed
    (room, more) = story.repairs
    assert (room.scope, room.node, room.holders) == ("preempt", "edge", (Holder("robot", 1, 2_000),))
    assert room.change == (Change("workloads", "robot", "free", None), Change("workloads", "robot", "may_end", True))
    assert (more.rule, more.scope) == ("node_capacity", "")


def test_where_the_holder_has_another_place_moving_it_would_free_the_room() -> None:
    new = replace(ROBOT, id="new", value_month=10**9, tiers=frozenset({Tier.MEC}))
    problem = replace(_full(), workloads=(_full().workloads[0], new))
    room = explain(problem, problem.in_force, "new").repairs[0]
    assert (room.scope, room.change) == ("move", (Change("workloads", "robot", "free", None),))


def test_of_two_obstacles_of_commitment_both_are_told_and_mended() -> None:
    late = replace(CORE, commitment=Commitment.CONTRACTED, available_from=date(2028, 3, 1))
    problem = world(nodes=(replace(EDGE, pools=()), late), workloads=(ROBOT,))
    story = explain(problem, Plan.empty(), "robot")
    assert [violation.rule for violation in story.candidates[0].refusals] == ["commitment", "commitment"]
    (repair,) = story.repairs
    assert repair.change == (
        Change("terms", "", "lowest_commitment", Commitment.CONTRACTED),
        Change("terms", "", "horizon", date(2028, 3, 1)),
    )


def test_a_node_without_hardware_is_asked_everything_and_is_not_the_nearest() -> None:
    bare = replace(EDGE, id="a-router", pools=(), commitment=Commitment.MOU)
    problem = world(nodes=(bare, replace(EDGE, tier=Tier.CORE, state=NodeState.DRAINING), CORE), workloads=(
        replace(ROBOT, tiers=frozenset({Tier.MEC})),), links=(LINK, replace(LINK, id="r", target="a-router")))  # fmt: skip
    story = explain(problem, Plan.empty(), "robot")
    router = next(one for one in story.candidates if one.node == "a-router")
    assert router.rules == {"accelerator", "commitment"}
    assert story.candidates[-1] is router


def test_the_nearest_of_two_that_are_late_is_the_one_that_is_less_late() -> None:
    far = replace(CORE, id="a-core")
    links = (LINK, replace(LINK, id="far", target="a-core", latency_us=5_000))
    problem = world(nodes=(replace(EDGE, pools=()), CORE, far), links=links, workloads=(replace(ROBOT, deadline_us=30_000),))
    story = explain(problem, Plan.empty(), "robot")
    assert [one.node for one in story.candidates][:2] == ["core", "a-core"]
    (repair,) = story.repairs
    assert repair.change == (Change("workloads", "robot", "deadline_us", story.candidates[0].refusals[0].needed),)


def test_servers_are_added_as_long_as_they_help() -> None:
    core = replace(CORE, pools=(Pool("h100", 200, 1),), vcpu=10**5, memory_mib=10**8, power_w=10**7)
    problem = world(nodes=(replace(EDGE, pools=()), core), workloads=(replace(ROBOT, deadline_us=31_600),))
    nearest = explain(problem, Plan.empty(), "robot").candidates[0]
    assert nearest.fits
    assert nearest.servers > 100
    fewer = plan_of(problem, ("robot", 0, "core", "policy/h100", nearest.servers - 1))
    assert {violation.rule for violation in verify(problem, fewer).violations} == {"deadline"}


def test_where_the_fastest_link_is_full_the_one_beside_it_is_taken() -> None:
    thin = replace(LINK, id="thin", latency_us=900, capacity_kbps=100)
    problem = world(nodes=(replace(EDGE, pools=()), CORE), links=(thin, LINK), workloads=(ROBOT,))
    nearest = explain(problem, Plan.empty(), "robot").candidates[0]
    assert nearest.fits
    assert nearest.placement.route == ("edge-core",)


@pytest.mark.parametrize(
    ("more", "optimal", "gap", "words"),
    [
        (-1, True, None, "more than the"),
        (0, True, None, "that is a tie"),
        (1, False, 0.034, "the search ended with a gap of 3.40 % before it came to this"),
        (1, True, None, "leaves it out all the same"),
    ],
)
def test_what_it_would_cost_is_compared_with_its_worth(more: int, optimal: bool, gap: float | None, words: str) -> None:
    cost = explain(world(workloads=(ROBOT,)), Plan.empty(), "robot").candidates[0].price
    problem = world(workloads=(replace(ROBOT, value_month=cost + more),))
    sentence = explain(problem, Plan.empty(), "robot", optimal, gap).sentence
    assert words in sentence
    assert ("the search ended" in sentence) is (optimal is False)


def test_a_placed_shard_tells_the_batch_limit_that_its_p99_rests_on() -> None:
    problem = world(workloads=(CAMERA,))
    plan = plan_of(problem, ("camera", 0, "edge", "detect/l4", 2))
    (shard,) = explain(problem, plan, "camera").placed
    served = best_batch(problem.profiles[problem.profile_index["detect/l4"]], 2, 60_000)
    assert served is not None
    assert (shard.batch_limit, shard.latency.service_us, shard.latency.waiting_us) == served


def test_a_question_about_other_workloads_keeps_what_is_known_of_the_network() -> None:
    problem = world()
    other = problem.about((CAMERA,))
    assert other.node_index is problem.node_index
    assert other.workload_index == {"camera": 0}
    assert other == replace(problem, workloads=(CAMERA,))


def test_room_of_one_kind_of_failure_domain_is_not_that_of_another() -> None:
    """Where the plan has shards apart by node and the one explained by place, each kind keeps its own accounts."""
    alone = replace(ROBOT, spread_group="g", spread_over=Domain.NODE)
    twin = replace(alone, id="twin")
    other = replace(CONTROL, spread_group="h", spread_over=Domain.SITE)
    second = replace(other, id="second", policy="domestic")
    problem = world(workloads=(other, second, alone, twin), nodes=(replace(EDGE, pools=(Pool("l4", 9),)), CORE))
    plan = plan_of(problem, ("control", 0, "core", "control/cpu", 2), ("robot", 0, "edge", "policy/l4", 2))
    told = {one.node: one.rules for one in explain(problem, plan, "twin").candidates}
    assert "anti_affinity" in told["edge"]
    assert "anti_affinity" not in told["core"]
