"""What a shard finds beside it under a plan: what accounts are used for, and the routes from where it enters."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.routes import arcs_of, routes
from solver.facts.workloads import Workload
from solver.judging.candidates import Shortage
from solver.rules import PARTS, TOTALS, name_of
from solver.rules.account import Account
from solver.rules.limits import transit
from solver.rules.violation import Violation


class EntryRoutes:
    """Fastest routes from an entry node: over the links that a policy allows, and regardless of it where there is none."""

    def __init__(self, problem: Problem, entry: int, allowed: frozenset[str] | None) -> None:
        self.entry = entry
        #: For each link, whether the policy allows it.
        self.allowed = transit.links_open(problem, allowed)
        links_open = np.array([self.allowed, [True] * len(problem.links)], bool).reshape(2, len(problem.links))
        trees = routes(arcs_of(problem), np.array([entry, entry], np.int64), np.array([0, 1], np.int64), links_open)
        reached = trees.arc >= 0
        reached[:, entry] = True
        #: For each node, whether an allowed route leads there, and whether any route does.
        self.lawful, self.connected = reached.tolist()
        tree = np.where(reached[0], 0, 1).astype(np.int64)
        ptr, arcs = trees.paths(tree, np.arange(len(problem.nodes), dtype=np.int64))
        ends, links = ptr.tolist(), (arcs % max(1, len(problem.links))).tolist()
        #: For each node, the links on the way there.
        self.to = [tuple(links[start:end]) for start, end in zip(ends[:-1], ends[1:], strict=True)]
        self._problem = problem

    @cached_property
    def parallel(self) -> dict[frozenset[str], list[int]]:
        """The allowed links between each two nodes, fastest first."""
        links = self._problem.links
        found: dict[frozenset[str], list[int]] = defaultdict(list)
        for number, link in enumerate(links):
            if self.allowed[number]:
                found[frozenset((link.source, link.target))].append(number)
        for bundle in found.values():
            bundle.sort(key=lambda number: links[number].round_trip_us)
        return found


class Beside:
    """Everything that a plan places; what is learnt of it for one shard serves the others."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.plan = plan
        self._routes: dict[tuple[int, frozenset[str] | None], EntryRoutes] = {}

    @cached_property
    def used(self) -> dict[Account, int]:
        """What the plan uses of each account, where it is anything."""
        return self._use(self.plan)

    @cached_property
    def before(self) -> dict[Account, int]:
        """What is used of each account today, where it is anything: a limit that is already broken must not get worse."""
        return self._use(self.problem.in_force)

    def _use(self, plan: Plan) -> dict[Account, int]:
        if not len(plan):
            return {}
        found: dict[Account, int] = {}
        for rule in TOTALS:
            for ledger in rule.ledgers(self.problem, plan):
                used = ledger.used()
                for a in np.flatnonzero(used).tolist():
                    found[ledger.named(a)] = int(used[a])
        return found

    def row_of(self, w: int, shard: int) -> int | None:
        """The row of the plan that places a shard, if one does."""
        rows = np.flatnonzero((self.plan.workload == w) & (self.plan.shard == shard))
        return int(rows[0]) if len(rows) else None

    @cached_property
    def parts(self) -> frozenset[Violation]:
        """What the plan breaks already of the rules on parts of cards."""
        return frozenset(violation for rule in PARTS for violation in rule.check(self.problem, self.plan))

    def routes(self, workload: Workload) -> EntryRoutes:
        """The routes from a workload's entry node under its policy."""
        entry = self.problem.node_index[self.problem.access_of(workload).node]
        allowed = self.problem.policy_by_id[workload.policy].transit
        if (entry, allowed) not in self._routes:
            self._routes[entry, allowed] = EntryRoutes(self.problem, entry, allowed)
        return self._routes[entry, allowed]

    def holders(self, short: Shortage, w: int, shard: int) -> list[tuple[int, int, int]]:
        """Who else uses an account under the plan: (amount, workload, shard), the largest amount first."""
        account = short.account
        rule = next(rule for rule in TOTALS if name_of(rule) == account.rule)
        amounts: Counter[int] = Counter()
        for ledger in (one for one in rule.ledgers(self.problem, self.plan) if one.resource == account.resource):
            entries = np.flatnonzero(np.isin(ledger.account, ledger.subjects.find(account.subject)))
            for row, amount in zip(ledger.placement[entries].tolist(), ledger.amount[entries].tolist(), strict=True):
                amounts[row] += amount
        held = [(amount, int(self.plan.workload[row]), int(self.plan.shard[row])) for row, amount in amounts.items()]
        return sorted((one for one in held if one[1:] != (w, shard) and one[0] > 0), key=lambda one: (-one[0], *one[1:]))
