"""No two shards of one spread group share a failure domain of the kind that the group is spread over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.factors import Factor, PairRows, Rows
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Domain, Problem
from solver.rules.violation import Ledger, Violation, overfull, placements, rows_of

_UNIT = "shards"


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    factors: list[Factor] = []
    for over in Domain:
        groups = {w.spread_group: None for w in items.like if w.spread_group is not None and w.spread_over is over}
        if not groups:
            continue
        number = {group: g for g, group in enumerate(groups)}
        domains: dict[str, int] = {}
        of_node = np.array([domains.setdefault(node.domain(over), len(domains)) for node in problem.nodes], np.int64)
        names = [f"{group} in {over} {domain}" for group in number for domain in domains]
        base = np.array(
            [number[w.spread_group] * len(domains) if w.spread_group and w.spread_over is over else -1
             for w in items.like], np.int64,
        )  # fmt: skip
        rows = Rows("anti_affinity", "place", _UNIT, names, np.ones(len(names), np.int64))
        factors.append(PairRows(rows, base, of_node[hosts.node], np.ones(len(items), np.int64)))
    return tuple(factors)


def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """One account for each group in each failure domain where the plan puts one of its shards; each holds one."""
    accounts: dict[tuple[str, Domain, str], int] = {}
    spread = rows_of(problem, plan, lambda w: w.spread_group is not None)
    entries = [
        (row, accounts.setdefault((w.spread_group, w.spread_over, node.domain(w.spread_over)), len(accounts)))
        for row, w, _, node in placements(problem, plan, spread)
        if w.spread_group is not None
    ]
    table = np.array(entries, np.int64).reshape(-1, 2)
    names = [f"{group} in {over} {domain}" for group, over, domain in accounts]
    one = np.ones(len(table), np.int64)
    have = np.ones(len(accounts), np.int64)
    return (Ledger("anti_affinity", "place", _UNIT, names, have, table[:, 0], table[:, 1], one),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan))
