"""What rules say of a shard on each node, beside everything else in a plan.

There is no second copy of any rule here: each node gets a hypothetical placement for each profile of the model, with the
fewest servers that meet the deadline, and the rules' own checks and ledgers are asked about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from solver.facts.catalogue import Profile
from solver.facts.latency import NEVER_US
from solver.facts.network import Node
from solver.facts.placement import MOST_SERVERS, Placement
from solver.facts.plan import Plan, joined
from solver.facts.problem import Problem
from solver.facts.queueing import best_batch, fewest_servers
from solver.judging.beside import Beside
from solver.judging.candidates import OF_NODES, Candidate, Shortage, has_hardware, rank
from solver.rules import FRAME, GOALS, PARTS, SINGLE, TOTALS, name_of
from solver.rules.account import Account
from solver.rules.goals import unplaced
from solver.rules.limits import deadline, failure_domain, link_capacity, node_capacity, route
from solver.rules.violation import Violation
from solver.rules.wording import amount_said, left_said, named

Ints = npt.NDArray[np.int64]

#: Rules whose accounts every further server of a placement draws on.
_BY_SERVER = ("node_capacity",)

#: Where no number of servers meets a deadline, more of them are not asked for once the time is within this of the best.
_CLOSE_PERCENT = 5


@dataclass(frozen=True, slots=True)
class _Row:
    """One hypothetical placement: a node by number, how many servers, and the links of the route."""

    node: int
    servers: int
    route: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What row `row` of a trial needs of an account."""

    row: int
    account: Account
    capacity: int
    amount: int


class Asked:
    """The questions about one shard."""

    def __init__(self, beside: Beside, w: int, shard: int) -> None:
        self.beside = beside
        self.problem = beside.problem
        self.w, self.shard = w, shard
        self.workload = self.problem.workloads[w]
        self.routes = beside.routes(self.workload)
        self.devices = self.workload.devices_of(shard)
        self.rate_mhz = self.devices * self.workload.rate_mhz
        self.time_us = deadline.time_left_us(self.problem, self.workload)
        # What the shard itself uses in the plan is free for it.
        self.own: Counter[Account] = Counter()
        row = beside.row_of(w, shard)
        self.others = beside.plan if row is None else beside.plan.rows(np.delete(np.arange(len(beside.plan)), row))
        # Most rules look at one workload alone; a nation's need not be read for them.
        self.alone = self.problem.about((self.workload,))
        if row is not None:
            for entry in self._entries(beside.plan.rows(np.array([row], np.int64))):
                self.own[entry.account] += entry.amount

    def on(self, f: int, nodes: Sequence[int]) -> list[Candidate]:
        """A candidate for each of `nodes`: as many servers of profile `f` as are needed there."""
        rows = self._sized(f, [(n, self.routes.to[n]) for n in nodes])
        found = self._judged(f, rows)
        again = {
            i: route for i, row in enumerate(rows) if (route := self._round_full_links(found[i], row.route)) is not None
        }
        if again:
            other = self._judged(f, self._sized(f, [(rows[i].node, route) for i, route in again.items()]), straight=False)
            for i, one in zip(again, other, strict=True):
                found[i] = min(found[i], one, key=rank)
        return found

    def as_it_runs(self, nodes: Sequence[int]) -> Iterator[Candidate]:
        """The placement in force, exactly as it is: whatever rule it breaks by itself, it may keep it."""
        here = self.workload.runs_as(self.shard)
        if here is None or self.problem.node_index[here.node] not in nodes:
            return
        trial = self.problem.plan_of((here,))
        why = list(self._frame(trial))
        short: list[Shortage] = []
        for entry in self._short(trial):
            why.append(self._full(here.node, entry))
            short.append(self._shortage(entry))
        for _, violation, shortage in self._without_parts(trial):
            why.append(violation)
            short.append(shortage)
        price = sum(int(won[0]) for won in prices_of(self.problem, self.w, trial).values())
        yield Candidate(here, price, True, tuple(why), tuple(short))

    def _sized(self, f: int, ends: Sequence[tuple[int, tuple[int, ...]]]) -> list[_Row]:
        """The fewest servers that meet the deadline over each route; where none do, as many as still help and have room."""
        profile, links = self.problem.profiles[f], self.problem.links
        servers = []
        for _, hops in ends:
            left = self.time_us - sum(links[number].round_trip_us for number in hops)
            servers.append(fewest_servers(profile, self.rate_mhz, left) if left > 0 else 0)
        late = [i for i, count in enumerate(servers) if count == 0]
        if late:
            least = fewest_servers(profile, self.rate_mhz, NEVER_US) or MOST_SERVERS
            for i, room in zip(late, self._room(f, [ends[i][0] for i in late]), strict=True):
                servers[i] = self._enough(profile, max(least, room))
        return [_Row(n, count, route) for (n, route), count in zip(ends, servers, strict=True)]

    def _enough(self, profile: Profile, most: int) -> int:
        """Fewest servers that are nearly as fast as `most` of them."""
        best = best_batch(profile, most, self.rate_mhz)
        if best is None:
            return most
        return fewest_servers(profile, self.rate_mhz, sum(best[1:]) * (100 + _CLOSE_PERCENT) // 100)

    def _room(self, f: int, nodes: Sequence[int]) -> list[int]:
        """How many servers of a profile have room on each node, by the accounts that each of them draws on."""
        most = [MOST_SERVERS] * len(nodes)
        for entry in self._entries(self._trial(f, [_Row(n, 1, ()) for n in nodes]), _BY_SERVER):
            if entry.amount > 0:
                most[entry.row] = min(most[entry.row], max(0, self._left(entry)) // entry.amount)
        return most

    def _trial(self, f: int, rows: Sequence[_Row]) -> Plan:
        size = len(rows)
        ptr = np.concatenate(([0], np.cumsum([len(row.route) for row in rows]))).astype(np.int64)
        links = np.array([number for row in rows for number in row.route], np.int64)
        nodes = np.array([row.node for row in rows], np.int64)
        servers = np.array([row.servers for row in rows], np.int64)
        return Plan(np.full(size, self.w), np.full(size, self.shard), nodes, np.full(size, f), servers, ptr, links)

    def _judged(self, f: int, rows: list[_Row], straight: bool = True) -> list[Candidate]:
        """Ask every rule about placements with profile `f`, one to a node; `straight` says over the fastest routes."""
        if not rows:
            return []
        problem, profile = self.problem, self.problem.profiles[f]
        trial = self._trial(f, rows)
        row_of = {problem.nodes[row.node].id: i for i, row in enumerate(rows)}
        refusals: list[list[Violation]] = [[] for _ in rows]
        shortages: list[list[Shortage]] = [[] for _ in rows]
        for violation in self._objections(trial, straight):
            i = row_of[str(violation.node)]
            # Where no allowed route leads, it is the policy that refuses, not the choice of a route.
            if violation.rule != "route" or self.routes.lawful[rows[i].node]:
                refusals[i].append(violation)
        for i, row in enumerate(rows):
            if not self.routes.connected[row.node]:
                refusals[i].append(self._out_of_reach(problem.nodes[row.node]))
        for entry in self._short(trial):
            refusals[entry.row].append(self._full(problem.nodes[rows[entry.row].node].id, entry))
            shortages[entry.row].append(self._shortage(entry))
        for i, violation, shortage in self._without_parts(trial):
            if not any(short.account.resource == "accelerators" for short in shortages[i]):
                refusals[i].append(violation)
                shortages[i].append(shortage)
        prices = sum(prices_of(problem, self.w, trial).values(), np.zeros(len(rows), np.int64)).tolist()
        found = []
        for i, row in enumerate(rows):
            node = problem.nodes[row.node]
            route = tuple(problem.links[number].id for number in row.route)
            placement = Placement(self.workload.id, self.shard, node.id, profile.id, row.servers, (), route)
            hardware = has_hardware(node, profile)
            found.append(Candidate(placement, prices[i], hardware, tuple(refusals[i]), tuple(shortages[i])))
        return found

    def closed(self, nodes: Sequence[int]) -> set[int]:
        """Those of `nodes` that are closed to the shard, whatever it would run on there."""
        f = next(f for f, profile in enumerate(self.problem.profiles) if profile.model == self.workload.model)
        trial = self._trial(f, [_Row(n, 1, self.routes.to[n]) for n in nodes])
        index, shut = self.problem.node_index, {n for n in nodes if not self.routes.lawful[n]}
        objections = self._objections(trial, True)
        return shut | {index[broken.node] for broken in objections if broken.rule in OF_NODES and broken.node is not None}

    def _frame(self, trial: Plan) -> Iterator[Violation]:
        """What the request has to say about placing the shard at all."""
        moved = replace(trial, workload=np.zeros(len(trial), np.int64))
        for rule in FRAME:
            # Whatever else runs is not in the trial; that it is not ended there is no fault.
            yield from (broken for broken in rule.check(self.alone, moved) if broken.shard == self.shard)

    def _objections(self, trial: Plan, straight: bool) -> Iterator[Violation]:
        """What rules say of the placements of a trial, each by itself."""
        moved = replace(trial, workload=np.zeros(len(trial), np.int64))
        yield from self._frame(trial)
        for rule in SINGLE:
            if rule is route and straight:
                # The trees that the trial follows are those that this rule asks for.
                continue
            # Which links may stand in for others depends on what everybody sends, and who is in a group on everybody.
            everybody = rule is route or (rule is failure_domain and self.workload.spread_group is not None)
            yield from rule.check(self.problem, trial) if everybody else rule.check(self.alone, moved)

    def _out_of_reach(self, node: Node) -> Violation:
        why = f"no link leads from {self.problem.nodes[self.routes.entry].id} to {node.id}"
        return Violation("transit", self.workload.id, self.shard, node.id, 1, 0, "route", why)

    def _entries(self, trial: Plan, only: tuple[str, ...] | None = None) -> Iterator[_Entry]:
        """What each placement of a trial needs of each account (of the rules `only`)."""
        for rule in TOTALS:
            if only is not None and name_of(rule) not in only:
                continue
            for ledger in rule.ledgers(self.problem, trial):
                have = ledger.capacity.tolist()
                for row, a, amount in zip(
                    ledger.placement.tolist(), ledger.account.tolist(), ledger.amount.tolist(), strict=True
                ):
                    yield _Entry(row, ledger.named(a), have[a], amount)

    def _without_parts(self, trial: Plan) -> Iterator[tuple[int, Violation, Shortage]]:
        """The placements of a trial for which the free cards cannot be cut, however much is free on them together."""
        problem = self.problem
        if all(problem.profiles[f].accelerator is None for f in np.unique(trial.profile).tolist()):
            return
        row_of = {problem.nodes[n].id: row for row, n in enumerate(trial.node.tolist())}
        together = joined(self.others, trial)
        told: set[int] = set()
        for rule in PARTS:
            for broken in rule.check(problem, together):
                row = row_of.get(broken.node or "", -1)
                if row < 0 or row in told or broken in self.beside.parts:
                    continue
                told.add(row)
                profile, node = problem.profiles[trial.profile[row]], problem.nodes[trial.node[row]]
                needed = int(trial.servers[row]) * profile.slice_permille
                limit = sum(1000 * pool.count for pool in node.pools if pool.accelerator == profile.accelerator)
                account = node_capacity.cards_of(node.id, profile.accelerator or "")
                mine = replace(broken, workload=self.workload.id, shard=self.shard)
                yield row, mine, Shortage(account, needed, self._used(account), limit)

    def _limit(self, account: Account, capacity: int) -> int:
        """What may be used of an account together: its capacity, or what is used today where that is more."""
        return max(capacity, self.beside.before.get(account, 0))

    def _used(self, account: Account) -> int:
        """What everything else in the plan uses of an account."""
        return self.beside.used.get(account, 0) - self.own[account]

    def _left_of(self, account: Account, capacity: int) -> int:
        return self._limit(account, capacity) - self._used(account)

    def _left(self, entry: _Entry) -> int:
        return self._left_of(entry.account, entry.capacity)

    def _short(self, trial: Plan) -> list[_Entry]:
        """The accounts without room for a placement of the trial."""
        found = []
        for rule in TOTALS:
            for ledger in rule.ledgers(self.problem, trial):
                accounts, which = np.unique(ledger.account, return_inverse=True)
                left = [self._left_of(ledger.named(a), int(ledger.capacity[a])) for a in accounts.tolist()]
                for j in np.flatnonzero(ledger.amount > np.array(left, np.int64)[which.reshape(-1)]).tolist():
                    a = int(ledger.account[j])
                    amounts = int(ledger.capacity[a]), int(ledger.amount[j])
                    found.append(_Entry(int(ledger.placement[j]), ledger.named(a), *amounts))
        return found

    def _shortage(self, entry: _Entry) -> Shortage:
        used = self._used(entry.account)
        return Shortage(entry.account, entry.amount, used, self._limit(entry.account, entry.capacity))

    def _full(self, node: str, entry: _Entry) -> Violation:
        account, left = entry.account, max(0, self._left(entry))
        why = (
            f"{named(account)} has {left_said(left, account)} left; "
            f"{self.workload.id} needs {amount_said(entry.amount, account.unit)}"
        )
        needed, unit = entry.amount, account.unit
        return Violation(account.rule, self.workload.id, self.shard, node, needed, left, unit, why, account)

    def _round_full_links(self, one: Candidate, route: tuple[int, ...]) -> tuple[int, ...] | None:
        """The route with the fastest parallel link that has room for each full one; None where that fails."""
        full = {short.account.part("link") for short in one.shortages if short.account.rule == "link_capacity"}
        if not full:
            return None
        links, here, found = self.problem.links, self.problem.nodes[self.routes.entry].id, []
        for number in route:
            link = links[number]
            there = link.target if link.source == here else link.source
            if link.id in full:
                bundle = self.routes.parallel.get(frozenset((here, there)), [])
                number = next((other for other in bundle if self._carries(other, here, there)), -1)
                if number < 0:
                    return None
            found.append(number)
            here = there
        return tuple(found)

    def _carries(self, number: int, here: str, there: str) -> bool:
        """Whether a link has room for the shard's streams from one node to another and back."""
        link, workload = self.problem.links[number], self.workload
        for end, kbps, have in (
            (there, workload.uplink_kbps, link.capacity_kbps if there == link.target else link.back_kbps),
            (here, workload.downlink_kbps, link.capacity_kbps if here == link.target else link.back_kbps),
        ):
            if kbps * self.devices > self._left_of(link_capacity.account_of(link.id, end), have):
                return False
        return True


def prices_of(problem: Problem, w: int, trial: Plan) -> dict[str, Ints]:
    """What each placement of workload `w` in a trial adds to each goal, in money a month."""
    workload = problem.workloads[w]
    if any(here is not None for here in workload.current):
        # What it costs to stay depends on what everybody uses.
        return {name_of(goal): goal.each(problem, trial) for goal in GOALS if goal is not unplaced}
    alone, moved = problem.about((workload,)), replace(trial, workload=np.zeros(len(trial), np.int64))
    return {name_of(goal): goal.each(alone, moved) for goal in GOALS if goal is not unplaced}
