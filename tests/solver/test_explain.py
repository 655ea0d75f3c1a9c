"""Explanations say what is true: numbers of the budget, the next-best place, and which rules stand in the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver import Limits, Plan, explain, place, verify
from solver.problem import Pool, Tier
from tests.plans import plan_of
from tests.solver.random_problems import random_problem
from tests.world import CORE, EDGE, ROBOT, world


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
    assert {violation.rule for violation in core.refusals} == {"accelerator"}
    assert story.histogram == {"node_capacity": 1, "accelerator": 1}
    assert story.repairs == {"node_capacity": 1}


def test_what_others_use_is_counted() -> None:
    problem = world(workloads=(ROBOT, replace(ROBOT, id="late")), nodes=(EDGE, replace(CORE, pools=())))
    plan = plan_of(problem, ("robot", 0, "edge", "policy/l4", 2))
    story = explain(problem, plan, "late")
    assert [(v.rule, v.needed, v.available) for v in story.candidates[0].refusals] == [("node_capacity", 2_000, 0)]


@pytest.mark.parametrize("seed", range(40))
def test_candidates_without_refusals_are_exactly_those_the_verifier_accepts(seed: int) -> None:
    problem = random_problem(seed)
    result = place(problem, Limits(seconds=10, workers=1))
    for w, workload in enumerate(problem.workloads):
        story = explain(problem, result.plan, workload.id)
        assert {shard.shard for shard in story.placed} | set(story.unplaced) == set(range(workload.shards))
        if story.unplaced and result.status == "optimal":
            # At an optimum nothing that pays for itself is refused without a reason.
            for candidate in story.candidates:
                share = -(-workload.value_krw_month // workload.shards)
                share = -(-share * problem.terms.weights.unplaced // 1000)
                assert candidate.refusals or candidate.cost is None or candidate.cost >= share
        for shard in story.placed:
            if shard.next_best is None:
                continue
            row = int(np.flatnonzero((result.plan.workload == w) & (result.plan.shard == shard.shard))[0])
            assert shard.next_best.node != problem.nodes[result.plan.node[row]].id
            assert not shard.next_best.refusals
