"""Explanations on whole networks, carried out: repairs are applied and solved, next-best nodes are forced.

Everything that a plan placed is in force and stays. Shards that were made to be refused ask for a place beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from solver import Limits, place
from solver.facts.network import NodeState, Pool, Tier
from solver.facts.placement import Placement
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf
from solver.facts.workloads import Workload
from solver.judging.changes import apply_change
from solver.judging.explain import Explanation, explain
from tests.bench.prepare import generated
from tests.bench.problems import load_problem
from tests.bench.suites import ROOT

pytestmark = pytest.mark.slow

LIMITS = Limits(seconds=120, workers=1)
#: Newcomers that are asked about in each part; of those that are refused every repair is carried out. The parts of both
#: networks together have more than 300 refusals and 300 next-best nodes; the first of each is in the suite.
ASKED, PARTS = 30, 12


@cache
def standing(network: str) -> Problem:
    """A network with a plan in force of which nothing is free."""
    if network == "reference":
        problem = load_problem(ROOT / "data" / "reference")
    else:
        with TemporaryDirectory() as folder:
            problem = load_problem(generated("300", "500", "3", Path(folder)))
    placed: dict[str, dict[int, Placement]] = {}
    for one in problem.placements(place(problem, Limits(seconds=60, workers=1, work=1)).plan):
        placed.setdefault(one.workload, {})[one.shard] = one
    workloads = tuple(
        replace(
            workload, stays=False, free=frozenset(), asked=False,
            current=tuple(placed.get(workload.id, {}).get(shard) for shard in range(workload.shards)),
        )
        for workload in problem.workloads
    )  # fmt: skip
    return replace(problem, workloads=workloads)


def _nodes(problem: Problem, **changes: object) -> Problem:
    nodes = tuple(replace(node, **changes) for node in problem.nodes)  # type: ignore[arg-type]
    return replace(problem, network=replace(problem.network, nodes=nodes))


def _full(problem: Problem, one: Workload) -> Problem:
    """No card more than what runs takes, and one part of one where there is room for it."""
    taken: dict[tuple[str, str | None], int] = {}
    for workload in problem.workloads:
        for here in workload.current:
            if here is not None:
                profile = problem.profiles[problem.profile_index[here.profile]]
                top = max((slot.card + 1 for slot in here.cards), default=0)
                taken[here.node, profile.accelerator] = max(taken.get((here.node, profile.accelerator), 0), top)

    def left(node: str, pool: Pool) -> Pool:
        return replace(pool, count=taken.get((node, pool.accelerator), 0))

    nodes = tuple(replace(node, pools=tuple(left(node.id, pool) for pool in node.pools)) for node in problem.nodes)
    return replace(problem, network=replace(problem.network, nodes=nodes))


def _accesses(problem: Problem, one: Workload) -> Problem:
    accesses = tuple(replace(access, cells=1) if access.id == one.access else access for access in problem.network.accesses)
    return replace(problem, network=replace(problem.network, accesses=accesses))


def _capped(problem: Problem, one: Workload) -> Problem:
    return replace(problem, terms=replace(problem.terms, share_caps=(ShareCap(ShareOf.OPERATOR, 300),)))


def _ruled(problem: Problem, one: Workload) -> Problem:
    abroad = frozenset({"JP"})
    policies = [replace(p, owner_countries=abroad) if p.id == one.policy else p for p in problem.policies]
    return replace(problem, policies=tuple(policies))


#: Ways to have a newcomer refused: what becomes of the newcomer, and of the world.
KINDS: tuple[tuple[Callable[[Workload], Workload], Callable[[Problem, Workload], Problem]], ...] = (
    (lambda w: replace(w, deadline_us=max(1, w.deadline_us // 4)), lambda p, w: p),
    (lambda w: replace(w, deadline_us=max(1, w.deadline_us * 2 // 5)), lambda p, w: p),
    (lambda w: replace(w, tiers=frozenset({Tier.ONSITE})), lambda p, w: p),
    (lambda w: w, lambda p, w: replace(p, terms=replace(p.terms, horizon=date(2020, 1, 1)))),
    (lambda w: w, lambda p, w: _nodes(p, state=NodeState.DRAINING)),
    (lambda w: w, lambda p, w: _nodes(p, vcpu=0)),
    (lambda w: w, _full),
    (lambda w: replace(w, devices=w.devices * 40, shard_devices=0), _accesses),
    (lambda w: w, _capped),
    (lambda w: w, _ruled),
)


def _newcomers(network: str, part: int) -> list[tuple[Problem, str]]:
    """Problems in which one workload asks for a place beside all that runs, and its id."""
    base, found = standing(network), []
    for number in range(part * ASKED, (part + 1) * ASKED):
        like = base.workloads[number * 11 % len(base.workloads)]
        change, tighten = KINDS[number % len(KINDS)]
        new = replace(like, id="newcomer", current=(), free=None, asked=True, value_month=10**11, spread_group=None)
        one = change(new)
        found.append((tighten(replace(base, workloads=(*base.workloads, one)), one), one.id))
    return found


def _explained(problem: Problem, name: str) -> tuple[Explanation, int]:
    result = place(problem, LIMITS)
    assert result.verdict.ok
    assert result.status == "optimal"
    return explain(problem, result.plan, name, optimal=True), result.cost


refusals = pytest.mark.parametrize(
    ("network", "part"),
    [pytest.param(n, p, marks=[pytest.mark.long] * (p > 0)) for n in ("reference", "generated") for p in range(PARTS)],
)


@refusals
def test_each_told_repair_gives_the_refused_a_place(network: str, part: int) -> None:
    told = refused = 0
    for problem, name in _newcomers(network, part):
        explained, _ = _explained(problem, name)
        if not explained.unplaced:
            continue
        refused += 1
        assert all(candidate.refusals for candidate in explained.candidates)
        for repair in explained.repairs:
            if repair.scope:
                continue
            changed = problem
            for change in repair.change:
                changed = apply_change(changed, change)
            result = place(changed, LIMITS)
            assert result.verdict.ok, (repair, result.verdict.violations[:1])
            w = changed.workload_index[name]
            assert (result.plan.workload == w).sum() > (explained.placed != ()) * len(explained.placed), repair
            told += 1
    assert refused >= ASKED * 3 // 7
    assert told >= refused // 3


@refusals
def test_each_next_best_node_takes_the_shard_for_what_was_told(network: str, part: int) -> None:
    base, forced = standing(network), 0
    for number in range(part * ASKED, (part + 1) * ASKED):
        like = base.workloads[number * 7 % len(base.workloads)]
        one = replace(like, id="newcomer", current=(), free=None, asked=True, value_month=10**12, spread_group=None)
        explained, cost = _explained(replace(base, workloads=(*base.workloads, one)), one.id)
        for shard in explained.placed:
            best = shard.next_best
            if best is None or one.shards > 1:
                continue
            there = replace(one, stays=True, current=(Placement(one.id, 0, best.node),))
            result = place(replace(base, workloads=(*base.workloads, there)), LIMITS)
            assert result.verdict.ok
            assert result.plan.node[result.plan.workload == len(base.workloads)].tolist() == [base.node_index[best.node]]
            assert shard.extra_cost is not None
            assert result.cost == cost + shard.extra_cost, best
            forced += 1
    assert forced >= ASKED // 2
