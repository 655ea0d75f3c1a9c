"""How a rule says no, and how it counts: violations with numbers, and ledgers of who uses how much of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.plan import Plan
from solver.problem import Node, Problem, Workload

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: whose it is, where, what was needed and what there was, and a sentence to act on.

    `workload`, `shard` and `node` are None where the rule is about something wider than one placement.
    """

    rule: str
    workload: str | None
    shard: int | None
    node: str | None
    needed: int
    available: int
    unit: str
    sentence: str


@dataclass(frozen=True)
class Ledger:
    """Who uses how much: entry j says that placement `placement[j]` uses `amount[j]` of account `account[j]`.

    Account a is called `names[a]` and holds `capacity[a]` of `resource` in `unit`.
    """

    rule: str
    resource: str
    unit: str
    names: Sequence[str]
    capacity: Ints
    placement: Ints
    account: Ints
    amount: Ints

    def used(self) -> Ints:
        """Amount used of each account, summed in whole numbers."""
        used = np.zeros(len(self.capacity), np.int64)
        np.add.at(used, self.account, self.amount)
        return used


def overfull(ledgers: Sequence[Ledger]) -> Iterator[Violation]:
    """A violation for each account that is used beyond its capacity."""
    for ledger in ledgers:
        used = ledger.used()
        for a in np.flatnonzero(used > ledger.capacity).tolist():
            name, need, have = ledger.names[a], int(used[a]), int(ledger.capacity[a])
            yield Violation(
                ledger.rule, None, None, None, need, have, ledger.unit,
                f"{name} has {have} {ledger.unit} of {ledger.resource}; {need} would be used",
            )  # fmt: skip


def placements(problem: Problem, plan: Plan) -> Iterator[tuple[int, Workload, int, Node]]:
    """Each placement of a plan as (row, workload, shard, node)."""
    workloads, nodes = problem.workloads, problem.nodes
    columns = zip(plan.workload.tolist(), plan.shard.tolist(), plan.node.tolist(), strict=True)
    for row, (w, shard, n) in enumerate(columns):
        yield row, workloads[w], shard, nodes[n]
