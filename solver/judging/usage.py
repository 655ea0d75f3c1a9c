"""How full everything is under a plan: the accounts of every rule about sums, recomputed from the facts.

What a node has counts only if the node operates on the day of the terms: a hall that is not built has no room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.facts.network import Commitment, Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.terms import Terms
from solver.rules import TOTALS, name_of
from solver.rules.account import Account
from solver.rules.limits import node_capacity


@dataclass(frozen=True, slots=True)
class Use:
    """An account has `capacity`, of which `used` is taken."""

    account: Account
    used: int
    capacity: int


def operates(node: Node, terms: Terms) -> bool:
    """Whether a node is there on the day of the terms, and committed as firmly as they ask.

    A node that has no date is there only if it is operational already.
    """
    if node.commitment.step > terms.lowest_commitment.step:
        return False
    if node.available_from is None:
        return node.commitment is Commitment.OPERATIONAL
    return node.available_from <= terms.horizon


def usage(problem: Problem, plan: Plan) -> tuple[Use, ...]:
    """Every account that a rule keeps and that has capacity or use, in the order of the rules.

    A node that does not operate on the day of the terms has no capacity. What is used there all the same is told.
    """
    nothing = {node.id for node in problem.nodes if not operates(node, problem.terms)}
    uses: list[Use] = []
    for rule in TOTALS:
        for ledger in rule.ledgers(problem, plan):
            used, capacity = ledger.used(), ledger.capacity
            if nothing and ledger.rule == name_of(node_capacity):
                capacity = np.where([node in nothing for node in ledger.subjects.column("node")], 0, capacity)
            there = np.flatnonzero((used > 0) | (capacity > 0)).tolist()
            uses.extend(Use(ledger.named(a), int(used[a]), int(capacity[a])) for a in there)
    return tuple(uses)
