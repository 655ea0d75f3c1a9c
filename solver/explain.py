"""Why a workload runs where it does, why not elsewhere, and which single rule stands between it and a place.

There is no second copy of any rule here: every candidate node gets a hypothetical placement, and the rules' own checks
and ledgers are asked about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from solver.latency import budgets, transfer_us
from solver.plan import Plan
from solver.problem import Problem, Profile, Workload
from solver.queueing import best_batch
from solver.routes import Arcs, Routes, arcs_of, routes
from solver.rules import GOALS, SINGLE, TOTALS, name_of
from solver.rules.violation import Violation

#: More servers than this are not tried for a hypothetical placement.
_MOST_SERVERS = 4096


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
class Candidate:
    """A node where a shard could run, or why it cannot.

    `profile` and `servers` are what it would take there; `cost` is won a month (None where it is refused), and
    `refusals` is empty exactly when the node would take the shard beside everything else in the plan.
    """

    node: str
    profile: str | None
    servers: int
    cost: int | None
    refusals: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class PlacedShard:
    """A shard in its place: what it takes, how its time and its cost split, and the next-best node at what extra cost."""

    shard: int
    node: str
    profile: str
    servers: int
    route: tuple[str, ...]
    latency: Latency
    cost_by_goal: dict[str, int]
    next_best: Candidate | None
    extra_cost: int | None


@dataclass(frozen=True)
class Explanation:
    """The story of one workload under one plan.

    For unplaced shards, which are all alike, `candidates` has one entry for each node. `histogram` counts the nodes that
    each rule refuses, and `repairs` those nodes with fitting hardware that it alone refuses: what relaxing just that rule
    would open.
    """

    workload: str
    placed: tuple[PlacedShard, ...]
    unplaced: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    histogram: dict[str, int]
    repairs: dict[str, int]


def explain(problem: Problem, plan: Plan, workload_id: str) -> Explanation:
    """Tell the story of a workload.

    Raises
    ------
    KeyError
        If the problem has no such workload.
    """
    w = problem.workload_index[workload_id]
    workload = problem.workloads[w]
    rows = np.flatnonzero(plan.workload == w)
    placed = tuple(_placed(problem, plan, w, int(row)) for row in rows[np.argsort(plan.shard[rows])].tolist())
    there = {shard.shard for shard in placed}
    missing = tuple(shard for shard in range(workload.shards) if shard not in there)
    candidates: tuple[Candidate, ...] = ()
    if missing:
        candidates = tuple(_candidates(problem, plan, w, missing[0]))
    refused = [{violation.rule for violation in candidate.refusals} for candidate in candidates]
    # A node with nothing that runs the model tells what hardware is missing, unless no node has any.
    tried = [rules for rules, one in zip(refused, candidates, strict=True) if one.profile is not None] or refused
    return Explanation(
        workload_id,
        placed,
        missing,
        candidates,
        dict(Counter(rule for rules in refused for rule in sorted(rules)).most_common()),
        dict(Counter(next(iter(rules)) for rules in tried if len(rules) == 1).most_common()),
    )


def _placed(problem: Problem, plan: Plan, w: int, row: int) -> PlacedShard:
    alone = plan.rows(np.array([row], np.int64))
    others = plan.rows(np.delete(np.arange(len(plan), dtype=np.int64), row))
    node = problem.nodes[plan.node[row]]
    costs = _costs(problem, w, alone)
    fitting = [
        candidate
        for candidate in _candidates(problem, others, w, int(plan.shard[row]))
        if candidate.cost is not None and candidate.node != node.id
    ]
    best = min(fitting, key=lambda candidate: candidate.cost or 0, default=None)
    extra = best.cost - sum(costs.values()) if best is not None and best.cost is not None else None
    parts = budgets(problem, alone)
    split = Latency(*(
        int(part[0])
        for part in (parts.access_us, parts.transfer_us, parts.transport_us, parts.service_us, parts.waiting_us,
                     parts.margin_us, parts.deadline_us)
    ))  # fmt: skip
    return PlacedShard(
        int(plan.shard[row]), node.id, problem.profiles[plan.profile[row]].id, int(plan.servers[row]),
        tuple(problem.links[number].id for number in plan.route(row).tolist()), split, costs, best, extra,
    )  # fmt: skip


def _costs(problem: Problem, w: int, one: Plan) -> dict[str, int]:
    """What a single placement of workload `w` adds to each goal that it adds to."""
    small = replace(problem, workloads=(problem.workloads[w],))
    moved = replace(one, workload=np.zeros(len(one), np.int64))
    added = {name_of(goal): goal.cost(small, moved) - goal.cost(small, Plan.empty()) for goal in GOALS}
    return {goal: won for goal, won in added.items() if won >= 0}


def _candidates(problem: Problem, plan: Plan, w: int, shard: int) -> Iterator[Candidate]:
    """One candidate for each node: its cheapest legal profile beside `plan`, or else the one with the fewest refusals."""
    workload = problem.workloads[w]
    trees = _Ways(problem, workload)
    free = _free(problem, plan)
    mine = [f for f, profile in enumerate(problem.profiles) if profile.model == workload.model]
    options: dict[int, list[Candidate]] = {n: [] for n in range(len(problem.nodes))}
    for f in mine:
        profile = problem.profiles[f]
        hosts = [
            n
            for n, node in enumerate(problem.nodes)
            if profile.accelerator is None or any(pool.accelerator == profile.accelerator for pool in node.pools)
        ]
        for n, candidate in zip(hosts, _judge(problem, w, shard, f, hosts, trees, free), strict=True):
            options[n].append(candidate)
    for n, node in enumerate(problem.nodes):
        if options[n]:
            yield min(options[n], key=lambda c: (len(c.refusals), c.cost if c.cost is not None else 0))
        else:
            why = f"{node.id} has nothing that runs {workload.model}"
            none = Violation("accelerator", workload.id, shard, node.id, 1, 0, "profile", why)
            yield Candidate(node.id, None, 0, None, (none,))


class _Ways:
    """Fastest ways from a workload's entry node: within its policy, and regardless of it where there is none."""

    def __init__(self, problem: Problem, workload: Workload) -> None:
        entry = problem.node_index[problem.access_of(workload).node]
        allowed = problem.policy_by_id[workload.policy].transit
        links_open = np.array(
            [[allowed is None or link.jurisdictions <= allowed for link in problem.links], [True] * len(problem.links)],
            bool,
        )
        arcs: Arcs = arcs_of(problem)
        two = np.array([entry, entry], np.int64)
        self._routes: Routes = routes(arcs, two, np.array([0, 1], np.int64), links_open)
        self._links = max(1, len(problem.links))
        self._entry = entry

    def to(self, node: int) -> list[int] | None:
        """Links to `node`, or None when no way leads there at all."""
        for row in (0, 1):
            path = self._routes.path(row, node)
            if path or node == self._entry:
                return [arc % self._links for arc in path]
        return None


def _judge(
    problem: Problem, w: int, shard: int, f: int, hosts: list[int], trees: _Ways, free: dict[tuple[str, str, str], int]
) -> list[Candidate]:
    """Ask every rule about a placement of one shard on each of `hosts` with profile `f`."""
    workload, profile = problem.workloads[w], problem.profiles[f]
    refusals: dict[int, list[Violation]] = {n: [] for n in hosts}
    ways = {n: trees.to(n) for n in hosts}
    for n in hosts:
        if ways[n] is None:
            why = f"no link leads from {problem.access_of(workload).node} to {problem.nodes[n].id}"
            refusals[n].append(Violation("transit", workload.id, shard, problem.nodes[n].id, 1, 0, "way", why))
    servers = {n: _servers(problem, workload, profile, ways[n] or []) for n in hosts}
    row_of = {n: row for row, n in enumerate(hosts)}
    trial = _trial(w, shard, f, [(n, servers[n], ways[n] or []) for n in hosts])
    by_id = {problem.nodes[n].id: n for n in hosts}
    for rule in SINGLE:
        for violation in rule.check(problem, trial):
            refusals[by_id[str(violation.node)]].append(violation)
    for total in TOTALS:
        for ledger in total.ledgers(problem, trial):
            for row, account, amount in zip(
                ledger.placement.tolist(), ledger.account.tolist(), ledger.amount.tolist(), strict=True
            ):
                name, n = ledger.names[account], hosts[row]
                left = free.get((ledger.rule, ledger.resource, name), int(ledger.capacity[account]))
                if amount > left:
                    why = f"{name} has {left} {ledger.unit} of {ledger.resource} left; {workload.id} needs {amount}"
                    node = problem.nodes[n].id
                    refusals[n].append(Violation(ledger.rule, workload.id, shard, node, amount, left, ledger.unit, why))
    found = []
    for n in hosts:
        cost = None
        if not refusals[n]:
            cost = sum(_costs(problem, w, trial.rows(np.array([row_of[n]], np.int64))).values())
        found.append(Candidate(problem.nodes[n].id, profile.id, servers[n], cost, tuple(refusals[n])))
    return found


def _servers(problem: Problem, workload: Workload, profile: Profile, way: list[int]) -> int:
    """Fewest servers that meet the deadline over `way`; where no number does, as many as still help."""
    access = problem.access_of(workload)
    transport = 2 * sum(problem.links[number].latency_us for number in way)
    rate = workload.shard_size * workload.rate_mhz
    left = workload.deadline_us - access.rtt_p99_us - transport - transfer_us(workload, access)
    last = None
    for servers in range(1, _MOST_SERVERS):
        served = best_batch(profile, servers, rate)
        if served is None:
            continue
        if sum(served) <= left or (last is not None and sum(served) > 0.95 * last):
            return servers
        last = sum(served)
    return _MOST_SERVERS


def _trial(w: int, shard: int, f: int, rows: list[tuple[int, int, list[int]]]) -> Plan:
    size = len(rows)
    ptr = np.concatenate(([0], np.cumsum([len(way) for _, _, way in rows]))).astype(np.int64)
    links = np.array([number for _, _, way in rows for number in way], np.int64)
    nodes, servers = (np.array([row[column] for row in rows], np.int64) for column in (0, 1))
    return Plan(np.full(size, w), np.full(size, shard), nodes, np.full(size, f), servers, ptr, links)


def _free(problem: Problem, plan: Plan) -> dict[tuple[str, str, str], int]:
    """What the plan leaves of every account, by (rule, resource, name)."""
    left = {}
    for rule in TOTALS:
        for ledger in rule.ledgers(problem, plan):
            spare = ledger.capacity - ledger.used()
            left.update({(ledger.rule, ledger.resource, ledger.names[a]): s for a, s in enumerate(spare.tolist())})
    return left
