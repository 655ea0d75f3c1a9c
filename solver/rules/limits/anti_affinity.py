"""No two shards of one spread group share a failure domain of the kind that the group is spread over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from solver.facts.network import Domain
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.account import Subjects
from solver.rules.factors import Factor, PairRows, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ledger, Violation, overfull, placements, remembered, rows_of

_UNIT = "shards"

#: The field of a subject, and the resource, that each kind of domain is.
_FIELDS = {Domain.NODE: "node", Domain.SITE: "site", Domain.METRO: "metro", Domain.POWER: "power_domain"}


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    """One row for each group of the problem in each domain that its nodes name, whatever the items are."""
    groups = dict.fromkeys((w.spread_group, w.spread_over) for w in problem.workloads if w.spread_group is not None)
    factors: list[Factor] = []
    for over in Domain:
        number = {group: g for g, group in enumerate(group for group, kind in groups if kind is over)}
        if not number:
            continue
        named = [node.domain(over) for node in problem.nodes]
        domains = {domain: d for d, domain in enumerate(dict.fromkeys(d for d in named if d is not None))}
        of_node = np.array([-1 if domain is None else domains[domain] for domain in named], np.int64)
        each = Subjects({
            "group": [group for group in number if group is not None for _ in domains],
            _FIELDS[over]: list(domains) * len(number),
        })  # fmt: skip
        base = np.array(
            [number[w.spread_group] * len(domains) if w.spread_group is not None and w.spread_over is over else -1
             for w in items.like], np.int64,
        )  # fmt: skip
        rows = Rows("anti_affinity", _FIELDS[over], _UNIT, each, np.ones(len(each), np.int64))
        factors.append(PairRows(rows, base, of_node[hosts.node], np.ones(len(items), np.int64)))
    return tuple(factors)


@remembered
def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """For each kind of failure domain, an account for each group in each domain where the plan puts one of its shards; each
    holds one."""
    accounts: dict[Domain, dict[tuple[str, str], int]] = defaultdict(dict)
    entries: dict[Domain, list[tuple[int, int]]] = defaultdict(list)
    for row, w, _, node in placements(problem, plan, rows_of(problem, plan, lambda w: w.spread_group is not None)):
        over, domain = w.spread_over, node.domain(w.spread_over)
        if w.spread_group is not None and domain is not None:
            apart = w.spread_group, domain
            entries[over].append((row, accounts[over].setdefault(apart, len(accounts[over]))))
    found = []
    for over, held in accounts.items():
        placement, account = np.array(entries[over], np.int64).T
        one, have = np.ones(len(placement), np.int64), np.ones(len(held), np.int64)
        groups, domains = zip(*held, strict=True)
        each = Subjects({_FIELDS[over]: domains, "group": groups})
        found.append(Ledger("anti_affinity", _FIELDS[over], _UNIT, each, have, placement, account, one))
    return tuple(found)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan), lambda: ledgers(problem, problem.in_force))
