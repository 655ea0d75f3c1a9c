"""The cheapest plan that verifies, by trying every plan: what no bound may exceed.

Nothing here comes from the solver's space of options. What may become of a shard is enumerated from the facts, judged by the
rules of the verifier, and put together shard by shard; whole plans are judged by the verifier itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from solver.facts.latency import budgets
from solver.facts.plan import Plan, joined
from solver.facts.problem import Problem
from solver.judging.verify import Verdict, verify
from solver.rules import GOALS, SINGLE, TOTALS, name_of
from solver.rules.account import Account
from solver.rules.goals import unplaced

#: Servers that are tried at most, links of a route, and steps of the search after which it is given up.
MOST, LONGEST, PATIENCE = 64, 5, 300_000

#: Servers beyond the fewest that are tried as well.
_MORE = 2

#: By what of a placement a rule judges; the others judge by its node alone.
_BY_PROFILE, _BY_ROUTE, _BY_TIME = {"accelerator"}, {"route", "transit"}, {"deadline"}

Shard = tuple[int, int]


@dataclass(frozen=True)
class Choices:
    """What may become of each shard that a plan decides about: placements, as rows of `plan`, or being left out.

    `rows[i]` are the placements that every single rule allows `shards[i]`, that in force among them. `cost[r]` is what row
    r adds to the cost of a plan, which is `nothing` where nothing is placed. It loads account a with ``loads[r][a]``; all
    together may load it with `limit[a]`. `fixed` are the rows of what no plan decides about.
    """

    problem: Problem
    shards: tuple[Shard, ...]
    may_leave: tuple[bool, ...]
    plan: Plan
    rows: tuple[tuple[int, ...], ...]
    fixed: tuple[int, ...]
    cost: tuple[int, ...]
    loads: tuple[dict[int, int], ...]
    limit: tuple[int, ...]
    nothing: int


@dataclass(frozen=True)
class Found:
    """The cheapest plan below a given cost, if there is one, and whether every plan was looked at."""

    cost: int | None
    plan: Plan | None
    verdict: Verdict | None
    complete: bool


def routes_from(problem: Problem, entry: int) -> dict[int, list[tuple[int, ...]]]:
    """All simple routes of at most `LONGEST` links from a node, by where they end; parallel links make their own."""
    ends = [(problem.node_index[link.source], problem.node_index[link.target]) for link in problem.links]
    found: dict[int, list[tuple[int, ...]]] = defaultdict(list)

    def go(here: int, seen: frozenset[int], way: tuple[int, ...]) -> None:
        found[here].append(way)
        if len(way) == LONGEST:
            return
        for number, (a, b) in enumerate(ends):
            there = b if a == here else a if b == here else None
            if there is not None and there not in seen:
                go(there, seen | {there}, (*way, number))

    go(entry, frozenset((entry,)), ())
    return found


def plan_from(rows: list[tuple[int, int, int, int, int, tuple[int, ...]]]) -> Plan:
    """A plan of (workload, shard, node, profile, servers, route), on cards that nobody has named."""
    table = np.array([row[:5] for row in rows], np.int64).reshape(-1, 5)
    ptr = np.concatenate(([0], np.cumsum([len(row[5]) for row in rows]))).astype(np.int64)
    links = np.array([link for row in rows for link in row[5]], np.int64)
    return Plan(*(np.ascontiguousarray(table[:, column]) for column in range(5)), ptr, links)


def choices(problem: Problem) -> Choices:
    """Everything that may become of each shard, by the rules on single placements."""
    now, number = problem.in_force, {}
    for row, key in enumerate(zip(now.workload.tolist(), now.shard.tolist(), strict=True)):
        number[key] = row
    shards = [(w, s) for w, one in enumerate(problem.workloads) for s in range(one.shards) if one.is_free(s)]
    fixed = tuple(row for (w, s), row in number.items() if not problem.workloads[w].is_free(s))
    new = plan_from([row for key in _alone(problem, shards) for row in key])
    # What stays as it is, stays on its cards.
    new = new.rows(np.flatnonzero(~problem.kept(new)))
    plan = joined(now, new)
    of: dict[Shard, list[int]] = defaultdict(list)
    for row in range(len(now), len(plan)):
        of[int(plan.workload[row]), int(plan.shard[row])].append(row)
    rows = tuple((*((number[key],) if key in number else ()), *of[key]) for key in shards)
    leave = tuple(key not in number or problem.workloads[key[0]].may_end for key in shards)
    cost = np.sum([goal.each(problem, plan) for goal in GOALS], axis=0)
    nothing = sum(goal.cost(problem, Plan.empty()) for goal in GOALS)
    for w in np.unique(plan.workload).tolist():
        mine = np.flatnonzero(plan.workload == w)
        cost[mine] -= unplaced.cost(problem, Plan.empty()) - unplaced.cost(problem, plan.rows(mine[:1]))
    loads, limit = _accounts(problem, plan, now)
    return Choices(problem, tuple(shards), leave, plan, rows, fixed, tuple(cost.tolist()), loads, limit, nothing)


def _alone(problem: Problem, shards: list[Shard]) -> Iterator[list[tuple[int, int, int, int, int, tuple[int, ...]]]]:
    """Placements of each shard that no single rule objects to: on every node, as every profile, over every route."""
    nodes = range(len(problem.nodes))
    entries = {w: problem.node_index[problem.access_of(problem.workloads[w]).node] for w, _ in shards}
    ways = {entry: routes_from(problem, entry) for entry in set(entries.values())}
    fits = {w: [f for f, one in enumerate(problem.profiles) if one.model == problem.workloads[w].model] for w, _ in shards}
    by_node = {name_of(rule) for rule in SINGLE} - _BY_PROFILE - _BY_ROUTE - _BY_TIME
    shut = _refused(problem, [(w, s, n, 0, MOST + 1, ()) for w, s in shards for n in nodes], by_node)
    pairs = [(w, s, n) for w, s in shards for n in nodes if (w, s, n) not in shut]
    misfit = {
        (*key, f)
        for f in {f for fs in fits.values() for f in fs}
        for key in _refused(problem, [(*pair, f, MOST + 1, ()) for pair in pairs if f in fits[pair[0]]], _BY_PROFILE)
    }
    astray: set[tuple[int, int, int, int]] = set()
    for j in range(max((len(ways[entries[w]][n]) for w, _, n in pairs), default=0)):
        rows = [
            (w, s, n, fits[w][0], MOST + 1, ways[entries[w]][n][j])
            for w, s, n in pairs if j < len(ways[entries[w]][n])
        ]  # fmt: skip
        astray |= {(*key, j) for key in _refused(problem, rows, _BY_ROUTE)}
    fewest = _Fewest(problem)
    allowed = set(pairs)
    for w, s in shards:
        found = []
        for n in nodes:
            for f in fits[w] if (w, s, n) in allowed else ():
                for j, way in enumerate(ways[entries[w]][n]):
                    if (w, s, n, f) in misfit or (w, s, n, j) in astray:
                        continue
                    least = fewest(w, s, f, sum(problem.links[link].round_trip_us for link in way))
                    found += [(w, s, n, f, servers, way) for servers in range(least, least + 1 + _MORE) if least]
        yield found


def _refused(
    problem: Problem, rows: list[tuple[int, int, int, int, int, tuple[int, ...]]], rules: set[str]
) -> set[tuple[int, int, int]]:
    """Which (workload, shard, node) some of the rules object to; no two of the rows may have the same."""
    plan = plan_from(rows)
    return {
        (problem.workload_index[broken.workload], broken.shard, problem.node_index[broken.node])
        for rule in SINGLE if name_of(rule) in rules for broken in rule.check(problem, plan)
        if broken.workload is not None and broken.shard is not None and broken.node is not None
    }  # fmt: skip


class _Fewest:
    """Fewest servers that meet a deadline, by the verifier's own latencies."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._margins: dict[tuple[int, int, int], list[int]] = defaultdict(list)

    def __call__(self, w: int, shard: int, profile: int, round_trip_us: int) -> int:
        """0 where not even `MOST` servers do."""
        margins = self._margins[w, self._problem.workloads[w].devices_of(shard), profile]
        looked_at = 0
        while looked_at < MOST:
            if looked_at == len(margins):
                # A few are enough as a rule, and the waiting time of many is slow to find.
                more = range(looked_at + 1, min(2 * looked_at + 4, MOST) + 1)
                plan = plan_from([(w, shard, 0, profile, servers, ()) for servers in more])
                margins += budgets(self._problem, plan).margin_us.tolist()
            for servers in range(looked_at + 1, len(margins) + 1):
                if margins[servers - 1] >= round_trip_us:
                    return servers
            looked_at = len(margins)
        return 0


def _accounts(problem: Problem, plan: Plan, now: Plan) -> tuple[tuple[dict[int, int], ...], tuple[int, ...]]:
    """What each row of a plan loads each account with, and what all together may: its capacity, or what is used now."""
    number: dict[Account, int] = {}
    limit: list[int] = []
    loads: list[dict[int, int]] = [defaultdict(int) for _ in range(len(plan))]
    for rule in TOTALS:
        before = {one.named(a): used for one in rule.ledgers(problem, now) for a, used in enumerate(one.used().tolist())}
        for ledger in rule.ledgers(problem, plan):
            mine = []
            for a, capacity in enumerate(ledger.capacity.tolist()):
                account = ledger.named(a)
                mine.append(number.setdefault(account, len(number)))
                limit.append(max(capacity, before.get(account, 0)))
            columns = ledger.placement.tolist(), ledger.account.tolist(), ledger.amount.tolist()
            for row, a, amount in zip(*columns, strict=True):
                loads[row][mine[a]] += amount
    return tuple(loads), tuple(limit)


def cheapest(options: Choices, below: int) -> Found:
    """Search all plans that cost less than `below`, shard by shard, and give the cheapest that verifies."""
    limit = list(options.limit)
    base = options.nothing
    for row in options.fixed:
        base += options.cost[row]
        for account, amount in options.loads[row].items():
            limit[account] -= amount
    order = sorted(range(len(options.shards)), key=lambda i: (-_spread(options, i), i))
    rows = [sorted(_useful(options, options.rows[i]), key=lambda row: options.cost[row]) for i in order]
    least = [min([options.cost[row] for row in of] + [0] * options.may_leave[i]) if of or options.may_leave[i] else 0
             for i, of in zip(order, rows, strict=True)]  # fmt: skip
    after = [sum(least[d:]) for d in range(len(order) + 1)]
    best = Found(None, None, None, True)
    steps = 0
    picked: list[int] = []

    def go(depth: int, cost: int) -> None:
        nonlocal best, steps, below
        steps += 1
        if steps > PATIENCE:
            return
        if cost + after[depth] >= below:
            return
        if depth == len(order):
            plan, verdict = _judged(options, picked)
            if verdict.ok:
                assert verdict.cost == cost, "what a plan costs is not the sum of what its placements cost"
                best, below = Found(cost, plan, verdict, True), cost
            return
        ways: list[int | None] = list(rows[depth])
        if options.may_leave[order[depth]]:
            ways.append(None)
            ways.sort(key=lambda row: 0 if row is None else options.cost[row])
        for row in ways:
            more = 0 if row is None else options.cost[row]
            if cost + more + after[depth + 1] >= below:
                break
            if row is None:
                go(depth + 1, cost)
                continue
            loads = options.loads[row].items()
            if all(limit[account] >= amount or not amount for account, amount in loads):
                for account, amount in loads:
                    limit[account] -= amount
                picked.append(row)
                go(depth + 1, cost + more)
                picked.pop()
                for account, amount in loads:
                    limit[account] += amount

    go(0, base)
    return replace(best, complete=steps <= PATIENCE)


def _spread(options: Choices, i: int) -> int:
    return max((-options.cost[row] for row in options.rows[i]), default=0)


def _useful(options: Choices, rows: tuple[int, ...]) -> Iterator[int]:
    """Rows without those that cost and load as much as another one with the same profile on the same node, or more."""
    plan = options.plan
    running = len(options.problem.in_force)
    for row in rows:
        mine = options.loads[row]
        if row < running or not any(
            other != row and other >= running and plan.node[other] == plan.node[row]
            and plan.profile[other] == plan.profile[row] and options.cost[other] <= options.cost[row]
            and all(amount <= mine.get(account, 0) for account, amount in options.loads[other].items())
            and (other < row or options.cost[other] < options.cost[row] or options.loads[other] != mine)
            for other in rows
        ):  # fmt: skip
            yield row


def _judged(options: Choices, picked: list[int]) -> tuple[Plan, Verdict]:
    """The plan of these rows, without a word about cards, and the verifier's word on it."""
    plan = options.plan.rows(np.array([*options.fixed, *picked], np.int64))
    plan = replace(plan, card_ptr=np.zeros(len(plan) + 1, np.int64), card=np.zeros(0, np.int64))
    return plan, verify(options.problem, plan)
