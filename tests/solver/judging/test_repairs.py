"""What explanations tell is so: told nodes take the shard, told repairs give it a place, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver import Limits, Plan, place, verify
from solver.facts.cards import cut
from solver.facts.placement import Placement
from solver.facts.plan import joined
from solver.facts.problem import Problem
from solver.judging.candidates import Candidate
from solver.judging.explain import Explainer, Repair, apply_change
from solver.judging.judge import Judge
from solver.rules.violation import Violation
from tests.solver.random_problems import random_problem

SEEDS = range(60)


def greedy(problem: Problem, without: int = -1) -> Plan:
    """A plan made shard by shard, each on its cheapest node, leaving out one workload."""
    plan = Plan.empty()
    for w, workload in enumerate(problem.workloads):
        for shard in range(workload.shards):
            nearest = Judge(problem, plan).candidates(w, shard)[0]
            if nearest.fits and w != without:
                plan = with_placement(problem, plan, nearest.placement)
    return plan


def with_placement(problem: Problem, plan: Plan, placement: Placement) -> Plan:
    """The plan with one shard (placed) there, its cards given where nobody has said which."""
    w = problem.workload_index[placement.workload]
    others = plan.rows(np.flatnonzero((plan.workload != w) | (plan.shard != placement.shard)))
    return cut(problem, joined(others, problem.plan_of((placement,))))


def faults(problem: Problem, plan: Plan) -> set[Violation]:
    return set(verify(problem, plan).violations)


def changed(problem: Problem, repair: Repair) -> Problem:
    for change in repair.change:
        problem = apply_change(problem, change)
    return problem


def value_of(problem: Problem, w: int) -> int:
    workload = problem.workloads[w]
    share = -(-workload.value_month // workload.shards)
    return -(-share * problem.weights_for(workload).unplaced // 1000)


def refused(problem: Problem, plan: Plan) -> list[tuple[int, int]]:
    """One unplaced shard of each workload that has some: that with the fewest devices, of which explanations speak."""
    there = set(zip(plan.workload.tolist(), plan.shard.tolist(), strict=True))
    found = []
    for w, workload in enumerate(problem.workloads):
        missing = [shard for shard in range(workload.shards) if (w, shard) not in there]
        if missing:
            found.append((w, min(missing, key=workload.devices_of)))
    return found


def alone_free(problem: Problem, plan: Plan, w: int) -> Problem:
    """The problem in which everything else is in force as the plan has it, and stays."""
    placed: dict[str, dict[int, Placement]] = {}
    for one in problem.placements(plan):
        placed.setdefault(one.workload, {})[one.shard] = one
    workloads = tuple(
        workload if other == w else replace(
            workload, free=frozenset(), stays=False,
            current=tuple(placed.get(workload.id, {}).get(shard) for shard in range(workload.shards)),
        )
        for other, workload in enumerate(problem.workloads)
    )  # fmt: skip
    return replace(problem, workloads=workloads)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_node_takes_a_shard_exactly_where_the_verifier_accepts_it(seed: int) -> None:
    problem = random_problem(seed)
    w = len(problem.workloads) - 1
    plan = greedy(problem, without=w)
    before = faults(problem, plan)
    workload = problem.workloads[w]
    for candidate in Judge(problem, plan).candidates(w, 0):
        if candidate.fits:
            assert not faults(problem, with_placement(problem, plan, candidate.placement)) - before, candidate
            continue
        for profile in problem.profiles:
            for servers in range(1, 25) if profile.model == workload.model else ():
                other = replace(candidate.placement, profile=profile.id, servers=servers)
                assert faults(problem, with_placement(problem, plan, other)) - before, other


@pytest.mark.parametrize("seed", SEEDS)
def test_each_told_repair_gives_the_shard_its_place(seed: int) -> None:
    problem = random_problem(seed)
    plan = greedy(problem)
    explainer = Explainer(problem, plan)
    for w, shard in refused(problem, plan):
        story = explainer.explain(problem.workloads[w].id)
        for repair in story.repairs:
            assert not repair.scope
            mended = changed(problem, repair)
            opened = [one for one in Judge(mended, plan).candidates(w, shard) if one.fits]
            assert len(opened) == repair.nodes, repair
            there = next(one for one in opened if one.node == repair.node)
            assert there.price == repair.cost
            new = faults(mended, with_placement(mended, plan, there.placement)) - faults(mended, plan)
            assert not new, repair
        # What is said of the nearest node and of the repairs comes from the same candidates.
        if story.candidates and not story.candidates[0].fits:
            alone = {next(iter(one.rules)) for one in story.candidates if len(one.rules) == 1 and one.hardware}
            assert {repair.rule for repair in story.repairs} <= alone | {"accelerator"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_solver_places_what_a_repair_gives_a_place_that_pays(seed: int) -> None:
    drawn = random_problem(seed)
    plan = greedy(drawn)
    for w, shard in refused(drawn, plan):
        problem = alone_free(drawn, plan, w)
        problem = with_free(problem, w, shard)
        for repair in Explainer(problem, plan).explain(problem.workloads[w].id).repairs:
            mended = changed(problem, repair)
            ended = [] if repair.scope in ("", "move") else [mended.workload_index[change.id] for change in repair.change]
            worth = value_of(mended, w) - sum(mended.workloads[other].value_month for other in set(ended))
            moves = sum(other.move_cost * other.shards for other in mended.workloads) if repair.scope == "move" else 0
            # Where a holder may be moved, what it costs elsewhere counts as well.
            if repair.scope != "move" and repair.cost + moves < worth:
                result = place(mended, Limits(seconds=10, workers=1))
                assert result.verdict.ok
                assert (w, shard) not in result.verdict.unplaced, repair


def with_free(problem: Problem, w: int, shard: int) -> Problem:
    """The problem in which a plan decides about one shard of a workload."""
    workloads = list(problem.workloads)
    workloads[w] = replace(workloads[w], free=frozenset({shard}))
    return replace(problem, workloads=tuple(workloads))


@pytest.mark.parametrize("seed", SEEDS)
def test_room_that_a_scope_would_free_is_enough(seed: int) -> None:
    drawn = random_problem(seed)
    plan = greedy(drawn)
    for w, shard in refused(drawn, plan):
        problem = alone_free(drawn, plan, w)
        for repair in Explainer(problem, plan).explain(problem.workloads[w].id).repairs:
            if repair.scope not in ("preempt", "may_end"):
                continue
            mended = changed(problem, repair)
            named = {mended.workload_index[change.id] for change in repair.change}
            assert all(mended.workloads[other].may_end for other in named)
            assert {holder.workload for holder in repair.holders}
            without = plan.rows(np.flatnonzero(~np.isin(plan.workload, list(named))))
            there = next(one for one in Judge(mended, without).candidates(w, shard) if one.node == repair.node)
            assert there.fits
            assert not faults(mended, with_placement(mended, without, there.placement)) - faults(mended, without)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_next_best_node_takes_the_shard_for_what_is_told(seed: int) -> None:
    problem = random_problem(seed)
    plan = greedy(problem)
    before = verify(problem, plan)
    explainer = Explainer(problem, plan)
    for w, workload in enumerate(problem.workloads):
        for shard in explainer.explain(workload.id).placed:
            if shard.next_best is None:
                continue
            assert shard.next_best.node != shard.node
            forced = verify(problem, with_placement(problem, plan, shard.next_best.placement))
            assert not set(forced.violations) - set(before.violations)
            assert forced.cost - before.cost == shard.extra_cost
            nearest: list[Candidate] = Judge(problem, plan).candidates(w, shard.shard)
            others = [one for one in nearest if one.fits and one.node != shard.node]
            assert shard.next_best.price == min(one.price for one in others)
