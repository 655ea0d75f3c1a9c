"""What runs where it should not costs half of its value while it still serves there, and all of it where it does not or must
not: on a failed node, or against a policy. That is the price of leaving it, so what has another place is moved there. And
half of its value is what anything pays that is placed anew where it takes some of what is overfull already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np

from solver.facts.network import NodeState
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Workload
from solver.rules.account import Account
from solver.rules.factors import CrowdCost, Factor, StayCost
from solver.rules.items import Hosts, Items, shard_value
from solver.rules.limits import SINGLE, TOTALS
from solver.rules.violation import Ints, Ledger, Violation
from solver.rules.wording import amount_said, said

#: Rules of law and of policy. What breaks one is unlawful where it is; ending it is a person's act all the same.
UNLAWFUL = frozenset({"residency", "control", "certification", "transit"})

#: Rules that speak of what is placed anew only.
_NEW_ONLY = frozenset({"route"})

Disturbances: TypeAlias = Mapping[tuple[int, int], tuple[Violation, ...]]


def disturbances(problem: Problem, plan: Plan | None = None) -> Disturbances:
    """What is not as promised: (workload, shard) -> the rules that its placement breaks, by positions.

    Every rule on single placements is asked. Where an account is used beyond its capacity, those are disturbed that no
    longer fit: the others are kept by the value of a shard, highest first, as long as there is room.

    Parameters
    ----------
    plan : Plan, optional
        Placements to judge; what is in force if there are none given.
    """
    plan = problem.in_force if plan is None else plan
    found: dict[tuple[int, int], list[Violation]] = defaultdict(list)
    if not len(plan):
        return {}
    for rule in SINGLE:
        if rule.__name__.rpartition(".")[2] in _NEW_ONLY:
            continue
        for broken in rule.check(problem, plan):
            if broken.workload is not None and broken.shard is not None:
                found[problem.workload_index[broken.workload], broken.shard].append(broken)
    for row, broken, _ in without_room(problem, plan):
        found[int(plan.workload[row]), int(plan.shard[row])].append(broken)
    return {key: tuple(broken) for key, broken in found.items()}


def in_force(problem: Problem) -> Disturbances:
    """:func:`disturbances` of what is in force, worked out once for each problem."""
    found = problem.memo.get("disturbances")
    if found is None:
        found = problem.memo["disturbances"] = disturbances(problem)
    known: Disturbances = found
    return known


def overfull_accounts(problem: Problem) -> frozenset[Account]:
    """Accounts that what is in force uses beyond their capacity, worked out once for each problem."""
    known: frozenset[Account] | None = problem.memo.get("overfull accounts")
    if known is None:
        ledgers = [ledger for total in TOTALS for ledger in total.ledgers(problem, problem.in_force)]
        known = problem.memo["overfull accounts"] = frozenset(
            ledger.named(account)
            for ledger in ledgers
            for account in np.flatnonzero(ledger.used() > ledger.capacity).tolist()
        )
    return known


def about(problem: Problem, workloads: tuple[Workload, ...]) -> Problem:
    """The same question about some of its workloads, of which those count as disturbed that do among all that run.

    Whom an overfull account has no room for depends on everybody who uses it, not on these workloads alone.
    """
    part, names = problem.about(workloads), [workload.id for workload in problem.workloads]
    part.memo["disturbances"] = {
        (part.workload_index[names[w]], shard): broken
        for (w, shard), broken in in_force(problem).items()
        if names[w] in part.workload_index
    }
    part.memo["overfull accounts"] = overfull_accounts(problem)
    return part


def without_room(problem: Problem, plan: Plan) -> Iterator[tuple[int, Violation, Account]]:
    """The placements of a plan that overfull accounts have no room for, each with the violation of its account."""
    for total in TOTALS:
        for ledger in total.ledgers(problem, plan):
            yield from _without_room(problem, plan, ledger)


def _without_room(problem: Problem, plan: Plan, ledger: Ledger) -> Iterator[tuple[int, Violation, Account]]:
    used = ledger.used()
    for number in np.flatnonzero(used > ledger.capacity).tolist():
        account, entries = ledger.named(number), np.flatnonzero(ledger.account == number)
        amounts: dict[int, int] = defaultdict(int)
        for row, amount in zip(ledger.placement[entries].tolist(), ledger.amount[entries].tolist(), strict=True):
            amounts[row] += amount

        def order(row: int) -> tuple[int, str, int]:
            workload = problem.workloads[plan.workload[row]]
            return -shard_value(workload), workload.id, int(plan.shard[row])

        left = have = int(ledger.capacity[number])
        for row in sorted(amounts, key=order):
            if amounts[row] <= left:
                left -= amounts[row]
            elif amounts[row]:
                workload, node = problem.workloads[plan.workload[row]], problem.nodes[plan.node[row]]
                why = (
                    f"{said(account)} has {amount_said(have, ledger.unit)}; "
                    f"{amount_said(int(used[number]), ledger.unit)} are used, and {workload.id} no longer fits"
                )
                need = int(used[number])
                shard, unit = int(plan.shard[row]), ledger.unit
                yield row, Violation(ledger.rule, workload.id, shard, node.id, need, have, unit, why, account), account


def price_of_staying(problem: Problem, w: int, shard: int, broken: tuple[Violation, ...]) -> int:
    """What it costs that a shard which runs keeps the place where it breaks these rules, in money a month."""
    if not broken:
        return 0
    here = problem.workloads[w].runs_as(shard)
    whole = any(violation.rule in UNLAWFUL for violation in broken) or (
        here is not None and problem.nodes[problem.node_index[here.node]].state is NodeState.FAILED
    )
    return _value(problem, w) if whole else price_of_crowding(problem, w)


def price_of_crowding(problem: Problem, w: int) -> int:
    """What it costs that a shard which does not stay takes some of what is overfull already, in money a month."""
    return -(-_value(problem, w) // 2)


def _value(problem: Problem, w: int) -> int:
    workload = problem.workloads[w]
    return -(-shard_value(workload) * problem.weights_for(workload).unplaced // 1000)


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    crowding = np.array([price_of_crowding(problem, w) for w in items.workload.tolist()], np.int64)
    return (StayCost(items.stay_price), CrowdCost(overfull_accounts(problem), crowding))


def cost(problem: Problem, plan: Plan) -> int:
    return int(each(problem, plan).sum())


def each(problem: Problem, plan: Plan) -> Ints:
    """What each placement costs by itself."""
    won, broken = np.zeros(len(plan), np.int64), in_force(problem)
    if not broken:
        return won
    kept = problem.kept(plan)
    changed = []
    for row, (w, shard) in enumerate(zip(plan.workload.tolist(), plan.shard.tolist(), strict=True)):
        if not problem.workloads[w].is_free(shard):
            continue
        if not kept[row]:
            changed.append(row)
        elif (w, shard) in broken:
            won[row] = price_of_staying(problem, w, shard, broken[w, shard])
    full, some = overfull_accounts(problem), plan.rows(np.array(changed, np.int64))
    for rule in TOTALS if full else ():
        for ledger in rule.ledgers(problem, some):
            loaded = ledger.amount > 0
            here = [account for account in np.unique(ledger.account[loaded]).tolist() if ledger.named(account) in full]
            for at in np.unique(ledger.placement[loaded & np.isin(ledger.account, here)]).tolist():
                won[changed[at]] = price_of_crowding(problem, int(some.workload[at]))
    return won
