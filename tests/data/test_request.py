"""The reference request: large enough, worth serving, placeable but for those workloads that are meant not to be."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from data.build import REFERENCE
from data.korea.classes import kinds
from data.korea.impossible import impossible as impossible_workloads
from data.korea.workloads import serving_cost
from solver import LIMITS, Limits, Plan, explain, name_of, place
from solver.facts.problem import Problem
from solver.facts.workloads import Pin
from solver.place import Result
from tests.data.loading import read

Document = dict[str, Any]

#: Largest part of the cost that the plan of a few seconds may leave unproven.
GAP = 0.01


@pytest.fixture(scope="module")
def answer(problem: Problem) -> Result:
    return place(problem, Limits(seconds=10, workers=2))


def test_it_is_of_the_size_asked_for(problem: Problem, impossible: dict[str, str]) -> None:
    assert len(problem.workloads) - len(impossible) >= 600
    assert len(problem.workloads) <= 740


def test_every_class_of_the_facts_is_asked_for() -> None:
    asked = {body["name"].partition(" at ")[0] for body in read(REFERENCE, "request")["workloads"]}
    expected = {kind.name for kind in kinds().values() if kind.pin is not Pin.DEVICE}
    assert expected <= asked


def test_what_is_never_offloaded_is_pinned(problem: Problem) -> None:
    for workload in problem.workloads:
        if workload.model == "plc-cycle":
            assert workload.pin is Pin.DEVICE
        if workload.model in ("haptic-loop", "fab-segmenter"):
            assert workload.pin is Pin.SITE, workload.id


def test_each_rule_that_can_refuse_a_workload_refuses_one(impossible: dict[str, str]) -> None:
    assert len(set(impossible.values())) == len(impossible)
    limits = {name_of(rule) for rule in LIMITS}
    # A workload out of scope stays where it runs, another route or part of a card takes its place, and every node with links
    # names its failure domains: those refuse nothing here.
    assert set(impossible.values()) == limits - {"scope", "route", "cards", "failure_domain"}


@pytest.mark.parametrize("item", impossible_workloads(), ids=[item.rule for item in impossible_workloads()])
def test_one_rule_alone_refuses_it(problem: Problem, item: Any) -> None:
    """Where everything else is free, some node breaks that rule only, and no node breaks only another."""
    plan = _partners(problem) if item.rule == "anti_affinity" else Plan.empty()
    story = explain(problem, plan, item.workload.id)
    reachable = {link.source for link in problem.links} | {link.target for link in problem.links}
    refusals = [{v.rule for v in c.refusals} for c in story.candidates if c.node in reachable]
    assert all(refusals)
    alone = Counter(next(iter(rules)) for rules in refusals if len(rules) == 1)
    hardware = {"accelerator"} - {item.rule}
    assert set(alone) - hardware == {item.rule}, alone


def test_all_others_are_placed(problem: Problem, answer: Result, impossible: dict[str, str]) -> None:
    placed = np.bincount(answer.plan.workload, minlength=len(problem.workloads)).tolist()
    for workload, shards in zip(problem.workloads, placed, strict=True):
        if workload.id in impossible:
            assert shards == 0, workload.id
        else:
            assert shards == workload.shards, workload.id
    assert answer.verdict.ok
    assert answer.gap <= GAP


def test_capacity_is_comfortable_but_binds_in_places(problem: Problem, answer: Result) -> None:
    have: Counter[str] = Counter()
    used: Counter[str] = Counter()
    full = 0
    for number, node in enumerate(problem.nodes):
        for pool in node.pools:
            rows = (answer.plan.node == number).nonzero()[0].tolist()
            busy = sum(
                int(answer.plan.servers[row]) * profile.slice_permille
                for row in rows
                if (profile := problem.profiles[answer.plan.profile[row]]).accelerator == pool.accelerator
            )
            if node.commitment == "operational":
                have[pool.accelerator] += 1000 * pool.count
            used[pool.accelerator] += busy
            full += pool.count > 0 and busy > 900 * pool.count
    share = {card: used[card] / have[card] for card in ("l40s", "rtx-pro-6000-bse", "h100-sxm")}
    assert all(0.4 <= part <= 0.95 for part in share.values()), share
    assert full >= 20


def test_a_workload_is_worth_more_than_it_costs(problem: Problem, answer: Result, impossible: dict[str, str]) -> None:
    """The value lies well above a high estimate of serving it, and every shard that is placed costs less than its share."""
    for workload in problem.workloads:
        if workload.id not in impossible:
            assert workload.value_month >= 1.5 * serving_cost(workload), workload.id
    goals = answer.verdict.cost_by_goal
    worth = sum(w.value_month for w in problem.workloads if w.id not in impossible)
    served = sum(won for goal, won in goals.items() if goal != "unplaced")
    assert worth > 4 * served


def test_running_workloads_run_where_they_may(problem: Problem, answer: Result) -> None:
    running = [workload for workload in problem.workloads if workload.current]
    assert len(running) >= 20
    assert sum(workload.stays for workload in running) >= 3
    by_workload = {int(w): int(n) for w, n in zip(answer.plan.workload, answer.plan.node, strict=True)}
    for number, workload in enumerate(problem.workloads):
        if workload.current and workload.stays:
            assert problem.nodes[by_workload[number]].id == workload.runs_at(0)


def test_the_file_names_the_nodes_of_what_runs(problem: Problem) -> None:
    bodies = {body["id"]: body for body in read(REFERENCE, "request")["workloads"]}
    stay = {name for name, body in bodies.items() if not body.get("movable", True)}
    assert len(stay) == 3
    for workload in problem.workloads:
        body = bodies[workload.id]
        assert body.get("current", []) == [workload.runs_at(shard) for shard in range(len(workload.current))]
        assert workload.stays == (workload.id in stay)
        if workload.current:
            assert body["move_cost"] == workload.move_cost > 0


def _partners(problem: Problem) -> Plan:
    """A plan that holds nothing but the primary at Donghae, on its site's node."""
    w, n = problem.workload_index["port-donghae-haptic-primary"], problem.node_index["edge-port-donghae"]
    f = problem.profile_index["haptic-loop@vcpu"]
    columns = np.array([[w], [0], [n], [f], [2]], np.int64)
    return Plan(columns[0], columns[1], columns[2], columns[3], columns[4], np.zeros(2, np.int64), np.zeros(0, np.int64))
