"""How full everything is under a plan: the accounts of every rule about sums, recomputed from the facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.plan import Plan
from solver.problem import Problem
from solver.rules import TOTALS


@dataclass(frozen=True, slots=True)
class Use:
    """`key` (a node, node/accelerator, access, link>direction, group or holder) has `capacity`, of which `used` is taken."""

    rule: str
    key: str
    resource: str
    unit: str
    used: int
    capacity: int


def usage(problem: Problem, plan: Plan) -> tuple[Use, ...]:
    """Every account that a rule keeps and that has capacity or use, in the order of the rules."""
    uses: list[Use] = []
    for rule in TOTALS:
        for ledger in rule.ledgers(problem, plan):
            used = ledger.used()
            for a in np.flatnonzero((used > 0) | (ledger.capacity > 0)).tolist():
                amounts = int(used[a]), int(ledger.capacity[a])
                uses.append(Use(ledger.rule, ledger.names[a], ledger.resource, ledger.unit, *amounts))
    return tuple(uses)
