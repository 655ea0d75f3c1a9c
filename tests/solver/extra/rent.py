"""A shard pays for staying as it is, and where it does not, for taking some of an access that is overfull already."""

from __future__ import annotations

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.account import Account
from solver.rules.factors import CrowdCost, Factor, StayCost
from solver.rules.goals.disturbed import overfull_accounts
from solver.rules.items import Hosts, Items
from solver.rules.limits import access_capacity
from solver.rules.violation import Ints

_RENT, _FINE = 5_000, 90_001


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    rent, fine = np.where(items.stay >= 0, _RENT, 0), np.full(len(items), _FINE, np.int64)
    return (StayCost(rent), CrowdCost(_overfull(problem), fine))


def cost(problem: Problem, plan: Plan) -> int:
    return int(each(problem, plan).sum())


def each(problem: Problem, plan: Plan) -> Ints:
    kept = problem.kept(plan)
    won, full = np.where(kept, _RENT, 0), _overfull(problem)
    for ledger in access_capacity.ledgers(problem, plan):
        here = np.array([ledger.named(a) in full for a in range(len(ledger.subjects))], bool)
        used = ledger.placement[(ledger.amount > 0) & here[ledger.account]]
        won[used] = np.where(kept[used], won[used], _FINE)
    return won


def _overfull(problem: Problem) -> frozenset[Account]:
    return frozenset(account for account in overfull_accounts(problem) if account.rule == "access_capacity")
