"""Why a workload runs where it does, why not elsewhere, and what would have to change for it to have a place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from solver.facts.latency import budgets
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.queueing import best_batch
from solver.judging.candidates import Candidate
from solver.judging.changes import Change, apply_change
from solver.judging.judge import Judge
from solver.judging.repairs import Holder, Repair, holders, repairs
from solver.rules.goals import disturbed, unplaced
from solver.rules.wording import amount_said

__all__ = [
    "Candidate", "Change", "Explainer", "Explanation", "Holder", "Latency", "PlacedShard", "Repair", "apply_change",
    "explain",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Latency:
    """Where the time of a request goes at p99, in microseconds."""

    access_us: int
    transfer_us: int
    transport_us: int
    service_us: int
    waiting_us: int
    margin_us: int
    deadline_us: int


@dataclass(frozen=True, slots=True)
class PlacedShard:
    """A shard in its place: what it takes, how its time and its cost split, and the next-best node at what extra cost.

    The p99 holds where a server takes up to `batch_limit` requests at once. `next_best` is the cheapest of the other nodes
    that would take the shard beside everything else; `extra_cost` is negative where it would cost less by itself.
    """

    shard: int
    node: str
    profile: str
    servers: int
    batch_limit: int
    route: tuple[str, ...]
    latency: Latency
    cost_by_goal: dict[str, int]
    next_best: Candidate | None
    extra_cost: int | None


@dataclass(frozen=True)
class Explanation:
    """The story of one workload under one plan.

    Of the unplaced shards the one with the fewest devices is spoken of: where it has no place the others have none either.
    `candidates` has one entry for each node, nearest first; `histogram` counts the nodes that each rule refuses; `repairs`
    are changes that would give the shard a place (none where it fits as things are), and `holders` have the room that the
    nearest node lacks. `value` is what leaving the shard unplaced costs, in money a month, and `sentence` says all that in
    short; both are 0 and empty where every shard is placed as it should be.

    `stuck` are shards that stay where they are disturbed. Where all shards are placed, the rest speaks of the first of
    these: its candidates are the other nodes, and `value` is what staying costs.
    """

    workload: str
    placed: tuple[PlacedShard, ...]
    unplaced: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    histogram: dict[str, int]
    repairs: tuple[Repair, ...]
    holders: tuple[Holder, ...]
    value: int
    sentence: str
    stuck: tuple[int, ...] = ()


def explain(
    problem: Problem,
    plan: Plan,
    workload_id: str,
    optimal: bool | None = None,
    gap: float | None = None,
) -> Explanation:
    """Tell the story of a workload.

    Parameters
    ----------
    optimal : bool, optional
        Whether the plan is proven to cost least; None where nobody knows.
    gap : float, optional
        How much of its cost is unproven where it is not.

    Raises
    ------
    KeyError
        If the problem has no such workload.
    """
    return Explainer(problem, plan, optimal, gap).explain(workload_id)


class Explainer:
    """Explains workloads of one plan, one after the other; the parameters are those of :func:`explain`."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        optimal: bool | None = None,
        gap: float | None = None,
    ) -> None:
        self._problem = problem
        self._plan = plan
        self._judge = Judge(problem, plan)
        self._optimal = optimal
        self._gap = gap

    def explain(self, workload_id: str) -> Explanation:
        """Tell the story of a workload; a KeyError if the problem has none of that id."""
        w = self._problem.workload_index[workload_id]
        workload = self._problem.workloads[w]
        rows = np.flatnonzero(self._plan.workload == w)
        placed = tuple(self._placed(w, int(row)) for row in rows[np.argsort(self._plan.shard[rows])].tolist())
        there = {shard.shard for shard in placed}
        missing = tuple(shard for shard in range(workload.shards) if shard not in there)
        if missing:
            return self._unplaced(w, placed, missing)
        kept = set(self._plan.shard[rows[self._problem.kept(self._plan)[rows]]].tolist())
        broken = disturbed.in_force(self._problem)
        stuck = tuple(s for s in range(workload.shards) if s in kept and (w, s) in broken and workload.is_free(s))
        if stuck:
            return self._stuck(w, placed, stuck)
        return Explanation(workload_id, placed, (), (), {}, (), (), 0, "")

    def _placed(self, w: int, row: int) -> PlacedShard:
        problem, plan = self._problem, self._plan
        alone = plan.rows(np.array([row], np.int64))
        shard, node = int(plan.shard[row]), problem.nodes[plan.node[row]]
        profile, servers = problem.profiles[plan.profile[row]], int(plan.servers[row])
        costs = {goal: int(won[0]) for goal, won in self._judge.prices(w, alone).items()}
        best = next((one for one in self._judge.fitting(w, shard) if one.node != node.id), None)
        parts = budgets(problem, alone)
        split = Latency(*(
            int(part[0])
            for part in (parts.access_us, parts.transfer_us, parts.transport_us, parts.service_us, parts.waiting_us,
                         parts.margin_us, parts.deadline_us)
        ))  # fmt: skip
        workload = problem.workloads[w]
        served = best_batch(profile, servers, workload.devices_of(shard) * workload.rate_mhz)
        batch = int(plan.batch[row]) or (served[0] if served is not None else 0)
        route = tuple(problem.links[number].id for number in plan.route(row).tolist())
        extra = None if best is None else best.price - sum(costs.values())
        return PlacedShard(shard, node.id, profile.id, servers, batch, route, split, costs, best, extra)

    def _unplaced(self, w: int, placed: tuple[PlacedShard, ...], missing: tuple[int, ...]) -> Explanation:
        workload = self._problem.workloads[w]
        shard = min(missing, key=workload.devices_of)
        candidates = tuple(self._judge.candidates(w, shard))
        histogram = dict(Counter(rule for one in candidates for rule in sorted(one.rules)).most_common())
        value = self._value(w, shard)
        fitting = [one for one in candidates if one.fits]
        found: tuple[Repair, ...] = ()
        holding: tuple[Holder, ...] = ()
        if candidates and not fitting:
            found = repairs(self._judge, w, shard, candidates, value)
            holding = holders(self._judge, w, shard, candidates[0])
        nodes = len(candidates)
        sentence = self._why_not(fitting, nodes, value) if fitting else _nowhere(candidates, histogram, holding)
        return Explanation(workload.id, placed, missing, candidates, histogram, found, holding, value, sentence)

    def _stuck(self, w: int, placed: tuple[PlacedShard, ...], stuck: tuple[int, ...]) -> Explanation:
        """Why shards stay where they are disturbed: what keeps the first of them from going elsewhere."""
        workload, shard = self._problem.workloads[w], stuck[0]
        here = next(one for one in placed if one.shard == shard)
        candidates = tuple(one for one in self._judge.candidates(w, shard) if one.node != here.node)
        histogram = dict(Counter(rule for one in candidates for rule in sorted(one.rules)).most_common())
        staying, fitting = sum(here.cost_by_goal.values()), [one for one in candidates if one.fits]
        found: tuple[Repair, ...] = ()
        holding: tuple[Holder, ...] = ()
        if candidates and not fitting:
            found = repairs(self._judge, w, shard, candidates, staying)
            holding = holders(self._judge, w, shard, candidates[0])
        said = "; ".join(violation.sentence for violation in disturbed.in_force(self._problem)[w, shard])
        sentence = f"It stays on {here.node}, disturbed: {said}. "
        if fitting:
            money = self._problem.network.money
            sentence += f"{fitting[0].node} would take it for {money.said(fitting[0].price)} a month; "
            sentence += f"staying costs {money.amount(staying)}."
        else:
            sentence += _nowhere(candidates, histogram, holding)
        return Explanation(workload.id, placed, (), candidates, histogram, found, holding, staying, sentence, stuck)

    def _value(self, w: int, shard: int) -> int:
        """What leaving a shard unplaced costs, in money a month."""
        alone = self._problem.about((self._problem.workloads[w],))
        zero, one = np.zeros(1, np.int64), np.ones(1, np.int64)
        somewhere = Plan(zero, np.array([shard], np.int64), zero, zero, one, np.zeros(2, np.int64), np.zeros(0, np.int64))
        return unplaced.cost(alone, Plan.empty()) - unplaced.cost(alone, somewhere)

    def _why_not(self, fitting: list[Candidate], nodes: int, value: int) -> str:
        """Why a shard is unplaced that would fit: what its cheapest place costs, against what it is worth."""
        best, money = fitting[0], self._problem.network.money
        start = f"{len(fitting)} of {nodes} nodes would take it; on {best.node}, the cheapest, it costs "
        start += f"{money.said(best.price)} a month"
        if best.price > value:
            return f"{start}, more than the {money.amount(value)} it is worth."
        if best.price == value:
            return f"{start}, exactly what it is worth: that is a tie."
        start += f", less than the {money.amount(value)} it is worth"
        if self._optimal is not False:
            return f"{start}; this plan leaves it out all the same."
        gap = "" if self._gap is None else f" with a gap of {100 * self._gap:.2f} %"
        return f"{start}: the search ended{gap} before it came to this."


def _nowhere(candidates: tuple[Candidate, ...], histogram: dict[str, int], holding: tuple[Holder, ...]) -> str:
    """Why no node takes a shard: which rules refuse how many, and what is missing on the nearest."""
    if not candidates:
        return "There is no node, or no profile of its model."
    counts = ", ".join(f"{rule} {count}" for rule, count in histogram.items())
    nearest = candidates[0]
    against = len(nearest.rules)
    said = "; ".join(violation.sentence for violation in nearest.refusals)
    sentence = f"None of {len(candidates)} nodes takes it ({counts}). Nearest is {nearest.node}, "
    sentence += f"with {against} rule{'s' if against > 1 else ''} against it: {said}."
    if holding:
        held = ", ".join(f"{one.workload} ({amount_said(one.amount, nearest.refusals[-1].unit)})" for one in holding)
        sentence += f" Room there is held by {held}."
    return sentence
