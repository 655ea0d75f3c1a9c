"""A search for contradictions: what the solver claims of small worlds, against every plan that the verifier accepts.

Each world has everything at once: see :mod:`tests.solver.worlds`. Whatever is changed in the solver, these hold: no plan
that verifies costs less than a bound; what the solver makes verifies; and nobody outside the request is ended, moved or
resized.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any
from unicodedata import normalize

import numpy as np
import pytest

from solver import Limits, Result, engines, place, verify
from solver.facts.network import Domain, NodeState
from solver.facts.placement import Placement
from solver.facts.plan import Plan, joined
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf
from solver.packing import Packing
from solver.params import DEFAULTS, SolveParams
from solver.rules.goals.disturbed import disturbances, overfull_accounts
from tests.solver.exhaustive import Choices, cheapest, choices
from tests.solver.random_problems import LAZY
from tests.solver.worlds import THEMES, world

#: Worlds in one test, those of the fast suite, of every run, and all of them.
_EACH, _FAST, _USUAL, _ALL = 25, 150, 400, 1_100

#: Long enough for a proof on any of these worlds; few need a tenth of a second.
_LIMITS = Limits(seconds=5, workers=1)


def _in_parts(first: int, last: int) -> list[range]:
    return [range(begin, begin + _EACH) for begin in range(first, last, _EACH)]


def test_the_worlds_have_every_kind_of_trouble() -> None:
    seen: Counter[str] = Counter()
    for problem in map(world, range(60)):
        seen.update(set(_troubles(problem)))
    kinds = {
        "beside a link", "another way back", "fixed", "free in part", "may be ended", "moved for others", "hint",
        "standing cap", "cap of the request", "cut cards", "lost cards", "uneven fleet", "drains", "failed",
        "node_capacity", "share_cap", "residency or control", "deadline", "link_capacity", "anti_affinity",
        "access_capacity",
    }  # fmt: skip
    assert not {kind for kind in kinds if seen[kind] < 2}


def _troubles(problem: Problem) -> Iterator[str]:
    ends = Counter(frozenset((link.source, link.target)) for link in problem.links)
    for found, kind in (
        (max(ends.values(), default=0) > 1, "beside a link"),
        (any(link.back_us != link.latency_us or link.back_kbps != link.capacity_kbps for link in problem.links),
         "another way back"),
        (any(cap.standing for cap in problem.terms.share_caps), "standing cap"),
        (not all(cap.standing for cap in problem.terms.share_caps), "cap of the request"),
    ):  # fmt: skip
        if found:
            yield kind
    for workload in problem.workloads:
        running = [workload.runs_as(shard) for shard in range(workload.shards)]
        if not any(running):
            yield from ["hint"] * any(workload.current)
            continue
        if workload.free is not None:
            yield "free in part" if workload.free else "fixed"
        elif workload.may_end:
            yield "may be ended"
        elif not workload.asked:
            yield "moved for others"
        if workload.devices % workload.shards:
            yield "uneven fleet"
        for here in running:
            if here is None:
                continue
            node = problem.nodes[problem.node_index[here.node]]
            yield {NodeState.DRAINING: "drains", NodeState.FAILED: "failed", NodeState.ACTIVE: ""}[node.state]
            if len({slot.card for slot in here.cards}) > 1 and any(slot.eighth for slot in here.cards):
                yield "cut cards"
            kind = problem.profiles[problem.profile_index[here.profile]].accelerator
            count = sum(pool.count for pool in node.pools if pool.accelerator == kind)
            if any(slot.card >= count for slot in here.cards):
                yield "lost cards"
    for broken in (broken for several in disturbances(problem).values() for broken in several):
        yield broken.rule
        if broken.rule in ("residency", "control"):
            yield "residency or control"


@pytest.mark.parametrize("seeds", _in_parts(0, _FAST), ids=str)
def test_no_claim_is_contradicted(seeds: range) -> None:
    for seed in seeds:
        _examine(seed)


@pytest.mark.parametrize(
    "seeds",
    [
        *(pytest.param(part, marks=pytest.mark.slow) for part in _in_parts(_FAST, _USUAL)),
        *(pytest.param(part, marks=pytest.mark.long) for part in _in_parts(_USUAL, _ALL)),
    ],
    ids=str,
)
def test_no_claim_is_contradicted_in_many_more_worlds(seeds: range) -> None:
    for seed in seeds:
        _examine(seed)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("seeds", _in_parts(2_000, 2_000 + 2 * _EACH), ids=str)
def test_no_claim_is_contradicted_where_one_thing_is_tight(seeds: range, theme: str) -> None:
    for seed in seeds:
        _examine(seed, theme=theme)


@pytest.mark.parametrize("seeds", _in_parts(_ALL, _ALL + 50), ids=str)
def test_no_claim_is_contradicted_where_options_are_listed_lazily(seeds: range) -> None:
    for seed in seeds:
        _examine(seed, replace(_LIMITS, seconds=0.5), calm=False, params=LAZY)


@pytest.mark.parametrize("seeds", _in_parts(0, _EACH), ids=str)
def test_nothing_is_ended_where_the_engines_find_no_plan_in_time(seeds: range, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(packing: Packing, *_: Any, **__: Any) -> engines.Solution:
        none = np.zeros(0, np.int64)
        cost, copies = int(packing.item_penalty @ packing.item_count), int(packing.item_count.sum())
        return engines.Solution(none, none, none, cost, 0, "feasible", copies, 0.0, 0.0, engines.Prices.zero(packing.rows))

    monkeypatch.setattr(engines, "solve", nothing)
    for seed in seeds:
        problem = world(seed)
        result = place(problem, _LIMITS)
        assert result.verdict.ok
        _nobody_else_is_touched(problem, result.plan, f"world {seed}")


@pytest.mark.parametrize("seeds", _in_parts(0, 2 * _EACH), ids=str)
def test_a_stop_at_once_moves_nothing_for_nothing(seeds: range) -> None:
    for seed in seeds:
        problem, told = world(seed), f"world {seed}"
        result = place(problem, _LIMITS, should_stop=lambda: True)
        _nobody_else_is_touched(problem, result.plan, told)
        _each_move_pays(problem, result, told)
        _no_exchange_is_cheaper(problem, result, told)


def _examine(
    seed: int, limits: Limits = _LIMITS, calm: bool = True, theme: str = "", params: SolveParams = DEFAULTS
) -> None:
    problem = world(seed, theme)
    result = place(problem, replace(limits, seed=seed), params=params)
    told = f"world {seed} {theme}".strip()
    assert verify(problem, problem.in_force).ok, f"{told}: what runs may not stay as it is"
    _claims_hold(problem, result, told)
    _nobody_else_is_touched(problem, result.plan, told)
    _new_ones_stand_apart(problem, result.plan, told)
    _caps_hold(problem, result.plan, told)
    _links_hold(problem, result.plan, told)
    _no_move_is_free(problem, result, told)
    _each_move_pays(problem, result, told)
    _no_exchange_is_cheaper(problem, result, told)
    if calm and result.status == "optimal":
        _asked_again_nothing_moves(problem, result, replace(limits, seed=seed), told)


def _claims_hold(problem: Problem, result: Result, told: str) -> None:
    verdict = verify(problem, result.plan)
    assert verdict.ok, f"{told}: {verdict.violations}"
    assert verdict.cost == result.cost, told
    assert result.bound <= result.cost, told
    options = choices(problem)
    found = cheapest(options, result.cost)
    assert found.complete, f"{told} has too many plans to try them all"
    if found.cost is not None:
        assert result.bound <= found.cost, f"{told}: the bound {result.bound} is above a plan that costs {found.cost}"
    assert (result.status == "optimal") == (result.bound == result.cost), told
    if result.status == "optimal":
        assert found.cost is None, f"{told}: {result.cost} is called optimal; {found.cost} verifies"
        _no_tie_is_left_out(options, result.plan, told)


def _no_tie_is_left_out(options: Choices, plan: Plan, told: str) -> None:
    """What costs no more than it is worth has its place."""
    placed = set(zip(plan.workload.tolist(), plan.shard.tolist(), strict=True))
    for key, rows in zip(options.shards, options.rows, strict=True):
        if key not in placed:
            for row in rows:
                more = joined(plan, options.plan.rows(np.array([row])))
                assert options.cost[row] > 0 or not verify(options.problem, more).ok, f"{told}: {key} is left out"


def _nobody_else_is_touched(problem: Problem, plan: Plan, told: str) -> None:
    planned = {(one.workload, one.shard): one for one in problem.placements(plan)}
    for workload in problem.workloads:
        for shard in range(workload.shards):
            here, there = workload.runs_as(shard), planned.get((workload.id, shard))
            who = f"{told}: shard {shard} of {workload.id}"
            if not workload.is_free(shard):
                if here is not None and there is not None and not here.cards:
                    there = replace(there, cards=())
                assert there == here, f"{who} is outside the request"
            elif here is not None and not workload.may_end:
                assert there is not None, f"{who} is ended"
            if workload.stays and there is not None and workload.runs_at(shard):
                assert there.node == workload.runs_at(shard), f"{who} leaves the node that it must stay on"


def _new_ones_stand_apart(problem: Problem, plan: Plan, told: str) -> None:
    """Whatever names of domains are spelt like; what is not named is not known to be apart."""
    new = list(problem.placements(plan.rows(np.flatnonzero(~problem.kept(plan)))))
    groups: dict[tuple[str, Domain], list[str]] = defaultdict(list)
    for one in new:
        workload = problem.workloads[problem.workload_index[one.workload]]
        if workload.spread_group is not None:
            node, over = problem.nodes[problem.node_index[one.node]], workload.spread_over
            name = {Domain.NODE: node.id, Domain.SITE: node.place, Domain.METRO: node.metro, Domain.POWER: node.power_domain}
            groups[workload.spread_group, over].append("".join(normalize("NFKC", name[over]).casefold().split()))
    for key, names in groups.items():
        in_it = [w for w in problem.workloads if (w.spread_group, w.spread_over) == key]
        if sum(w.shards for w in in_it) > 1:
            assert all(names), f"{told}: {key} has a shard where no domain is named"
        if not any(w.runs_as(shard) for w in in_it for shard in range(w.shards)):
            assert len(set(names)) == len(names), f"{told}: two of {key} stand in one domain"


def _caps_hold(problem: Problem, plan: Plan, told: str) -> None:
    """Each device counts once; a standing cap is one on everything, another one on what is asked."""

    def served(cap: ShareCap, counted: Plan) -> dict[str, int]:
        total: dict[str, int] = defaultdict(int)
        for one in problem.placements(counted):
            workload = problem.workloads[problem.workload_index[one.workload]]
            node = problem.nodes[problem.node_index[one.node]]
            kind = problem.profiles[problem.profile_index[one.profile]].accelerator
            vendor = "" if kind is None else problem.accelerator_by_id[kind].vendor
            who = {ShareOf.OWNER: node.owner, ShareOf.OPERATOR: node.operator, ShareOf.VENDOR: vendor}[cap.of]
            if (cap.standing or workload.asked) and who and cap.name in (None, who):
                size = workload.devices // workload.shards + (one.shard < workload.devices % workload.shards)
                total[who] += size
        return total

    for cap in problem.terms.share_caps:
        everyone = sum(w.devices for w in problem.workloads if cap.standing or w.asked)
        before = served(cap, problem.in_force)
        for who, devices in served(cap, plan).items():
            assert devices <= max(everyone * cap.permille // 1000, before.get(who, 0)), f"{told}: {who} serves too many"


def _links_hold(problem: Problem, plan: Plan, told: str) -> None:
    """What goes up takes each link one way and what comes down the other; each way has a rate of its own."""

    def carried(counted: Plan) -> dict[tuple[str, str], int]:
        total: dict[tuple[str, str], int] = defaultdict(int)
        for one in problem.placements(counted):
            workload = problem.workloads[problem.workload_index[one.workload]]
            size = workload.devices // workload.shards + (one.shard < workload.devices % workload.shards)
            at = problem.access_of(workload).node
            for name in one.route:
                link = problem.links[problem.link_index[name]]
                there = link.target if at == link.source else link.source
                total[name, there] += workload.uplink_kbps * size
                total[name, at] += workload.downlink_kbps * size
                at = there
        return total

    before = carried(problem.in_force)
    for (name, towards), rate in carried(plan).items():
        link = problem.links[problem.link_index[name]]
        back = link.capacity_kbps if link.capacity_back_kbps is None else link.capacity_back_kbps
        most = link.capacity_kbps if towards == link.target else back
        assert rate <= max(most, before[name, towards]), f"{told}: {name} carries {rate} towards {towards}"


def _no_move_is_free(problem: Problem, result: Result, told: str) -> None:
    moves = int(problem.moved(result.plan).sum())
    assert result.verdict.cost_by_goal["moves"] >= moves, f"{told}: {moves} move, and not for a won each"


def _each_move_pays(problem: Problem, result: Result, told: str) -> None:
    plan, now = result.plan, problem.in_force
    old = problem.standing_row(plan)
    for row in np.flatnonzero(problem.moved(plan) & (old >= 0)).tolist():
        others = plan.rows(np.delete(np.arange(len(plan)), row))
        back = verify(problem, joined(others, now.rows(old[[row]])))
        assert not back.ok or back.cost > result.cost, f"{told}: row {row} moves for nothing"


def _no_exchange_is_cheaper(problem: Problem, result: Result, told: str) -> None:
    for one, other in _alike(problem, result.plan):
        planned = {(p.workload, p.shard): p for p in problem.placements(result.plan)}
        first, second = planned.pop(one, None), planned.pop(other, None)
        for (workload, shard), placed in ((one, second), (other, first)):
            if placed is not None:
                here = problem.workloads[problem.workload_index[workload]].runs_as(shard)
                planned[workload, shard] = _as_it_is(replace(placed, shard=shard), here)
        again = verify(problem, problem.plan_of(planned.values()))
        assert not again.ok or again.cost >= result.cost, f"{told}: {one} and {other} are better off in each other's places"


def _as_it_is(placed: Placement, here: Placement | None) -> Placement:
    """A placement; where only cards and batches differ from the one in force, that one."""
    same = here is not None and replace(placed, cards=here.cards, batch_limit=here.batch_limit) == here
    return here if same and here is not None else placed


def _alike(problem: Problem, plan: Plan) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Pairs of shards of one workload that are of one size and both free, and not both as they were.

    One that does not run in the place of one that does would save the price of a move by ending what runs.
    """
    as_they_were = set(zip(plan.workload[kept := problem.kept(plan)].tolist(), plan.shard[kept].tolist(), strict=True))
    for w, workload in enumerate(problem.workloads):
        free = [shard for shard in range(workload.shards) if workload.is_free(shard)]
        for one, other in combinations(free, 2):
            both = {(w, one), (w, other)} <= as_they_were
            alike = workload.devices_of(one) == workload.devices_of(other)
            if alike and not both and bool(workload.runs_at(one)) == bool(workload.runs_at(other)):
                yield (workload.id, one), (workload.id, other)


def _asked_again_nothing_moves(problem: Problem, result: Result, limits: Limits, told: str) -> None:
    planned = {(one.workload, one.shard): one for one in problem.placements(result.plan)}

    def runs(workload: str, shard: int, here: Placement | None) -> Placement | None:
        return planned.get((workload, shard)) or (None if here is None or here.whole else here)

    workloads = []
    for w in problem.workloads:
        here = [*w.current, *[None] * (w.shards - len(w.current))]
        workloads.append(replace(w, current=tuple(runs(w.id, shard, at) for shard, at in enumerate(here))))
    later = replace(problem, workloads=tuple(workloads))
    as_before = verify(later, later.in_force)
    assert as_before.ok, told
    ended = {(one.workload, one.shard) for one in problem.placements(problem.in_force)} - planned.keys()
    if ended or overfull_accounts(problem):
        # What was ended may be started anew without the price of a move; and what was overfull need not be any more, so that
        # it is open to others then.
        return
    for seed in (limits.seed, limits.seed + 1):
        again = place(later, replace(limits, seed=seed))
        assert not later.moved(again.plan).any(), f"{told}: asked again, something moves"
        assert again.cost == as_before.cost, f"{told}: asked again, {again.cost} against {as_before.cost}"
