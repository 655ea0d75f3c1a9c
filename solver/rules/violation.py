"""How a rule says no, and how it counts: violations with numbers, and ledgers of who uses how much of what."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from solver.facts.network import Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Workload
from solver.rules.account import Account, Subject, Subjects
from solver.rules.wording import amount_said, said

Ints = npt.NDArray[np.int64]
K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: whose it is, where, what was needed and what there was, and a sentence to act on.

    `workload`, `shard` and `node` are None where the rule is about something wider than one placement; `account` is what is
    too full, where that is what is wrong.
    """

    rule: str
    workload: str | None
    shard: int | None
    node: str | None
    needed: int
    available: int
    unit: str
    sentence: str
    account: Account | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Ledger:
    """Who uses how much: entry j says that placement `placement[j]` uses `amount[j]` of account `account[j]`.

    Account a is of `subjects[a]` and holds `capacity[a]` of `resource` in `unit`.
    """

    rule: str
    resource: str
    unit: str
    subjects: Subjects
    capacity: Ints
    placement: Ints
    account: Ints
    amount: Ints

    def named(self, account: int) -> Account:
        """An account by its number."""
        return Account(self.rule, self.resource, self.unit, self.subjects[account])

    def used(self) -> Ints:
        """Amount used of each account, summed in whole numbers."""
        used = np.zeros(len(self.capacity), np.int64)
        np.add.at(used, self.account, self.amount)
        return used


def remembered(ledgers: Callable[[Problem, Plan], tuple[Ledger, ...]]) -> Callable[[Problem, Plan], tuple[Ledger, ...]]:
    """Keep the ledgers of the plan asked last: who judges it asks for what is over, and then for whom that leaves out."""
    name = f"ledgers of {ledgers.__module__}"

    @wraps(ledgers)
    def remembering(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
        last: tuple[Plan, tuple[Ledger, ...]] | None = problem.memo.get(name)
        if last is not None and last[0] is plan:
            return last[1]
        made = ledgers(problem, plan)
        problem.memo[name] = plan, made
        return made

    return remembering


def overfull(ledgers: Sequence[Ledger], before: Callable[[], Sequence[Ledger]]) -> Iterator[Violation]:
    """A violation for each account that is used beyond its capacity, and beyond what is in force.

    `before` gives the accounts of what is in force; it is asked only where something is over its capacity.
    """
    sums = [(ledger, ledger.used()) for ledger in ledgers]
    over = [(ledger, used, np.flatnonzero(used > ledger.capacity).tolist()) for ledger, used in sums]
    if not any(accounts for _, _, accounts in over):
        return
    held: dict[tuple[str, Subject], int] = {}
    for ledger in before():
        amounts = ledger.used()
        held.update({(ledger.resource, ledger.subjects[a]): int(amounts[a]) for a in np.flatnonzero(amounts).tolist()})
    for ledger, used, accounts in over:
        for a in accounts:
            account, need, have = ledger.named(a), int(used[a]), int(ledger.capacity[a])
            was = held.get((account.resource, account.subject), 0)
            if need <= was:
                continue
            already = f" and {amount_said(was, ledger.unit)} are used already" if was > have else ""
            yield Violation(
                ledger.rule, None, None, None, need, max(have, was), ledger.unit,
                f"{said(account)} has {amount_said(have, ledger.unit)}{already}; "
                f"{amount_said(need, ledger.unit)} would be used", account,
            )  # fmt: skip


def placements(problem: Problem, plan: Plan, rows: Ints | None = None) -> Iterator[tuple[int, Workload, int, Node]]:
    """Each placement of a plan as (row, workload, shard, node), or those in `rows` alone, in that order."""
    workloads, nodes = problem.workloads, problem.nodes
    rows = np.arange(len(plan), dtype=np.int64) if rows is None else rows
    columns = (rows, plan.workload[rows], plan.shard[rows], plan.node[rows])
    for row, w, shard, n in zip(*(column.tolist() for column in columns), strict=True):
        yield row, workloads[w], shard, nodes[n]


def rows_of(problem: Problem, plan: Plan, wanted: Callable[[Workload], bool]) -> Ints:
    """The placements whose workloads are `wanted`; each workload is asked about once."""
    return np.flatnonzero(plan.of_workloads(lambda w: wanted(problem.workloads[w])))


def refused(
    problem: Problem, plan: Plan, key: Callable[[Workload], K], objection: Callable[[K, Node], R | None]
) -> Iterator[tuple[Workload, int, Node, R]]:
    """Each placement that a rule objects to, as (workload, shard, node, what it says).

    The objection, None for none, is asked for once for each distinct key and node of the plan: a nation's hundred
    thousand placements are far fewer questions.
    """
    numbers: dict[K, int] = {}
    number = plan.of_workloads(lambda w: numbers.setdefault(key(problem.workloads[w]), len(numbers)))
    keys = list(numbers)
    answers, question = asked(problem, plan, number, lambda k, node: objection(keys[k], node))
    against = np.array([answer is not None for answer in answers], bool)[question]
    rows = np.flatnonzero(against)
    for (_, workload, shard, node), at in zip(placements(problem, plan, rows), question[rows].tolist(), strict=True):
        answer = answers[at]
        assert answer is not None
        yield workload, shard, node, answer


def asked(problem: Problem, plan: Plan, number: Ints, answer: Callable[[int, Node], R]) -> tuple[list[R], Ints]:
    """The answers for each distinct pair of a number, one for each placement, and the placement's node; and which of
    them is each placement's."""
    nodes = problem.nodes
    pairs, question = np.unique(number * len(nodes) + plan.node, return_inverse=True)
    return [answer(pair // len(nodes), nodes[pair % len(nodes)]) for pair in pairs.tolist()], question
