"""What travels over a link fits into it, in each direction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.factors import Factor, RouteRows, Rows
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules.violation import Ledger, Violation, overfull, placements


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    links = problem.links
    names = [f"{ln.id}>{ln.target}" for ln in links] + [f"{ln.id}>{ln.source}" for ln in links]
    capacity = np.array([link.capacity_kbps for link in links] * 2, np.int64)
    up = np.array([w.uplink_kbps * w.shard_size for w in items.like], np.int64)
    down = np.array([w.downlink_kbps * w.shard_size for w in items.like], np.int64)
    return (RouteRows(Rows("link_capacity", "bandwidth", "kbit/s", names, capacity), up, down),)


def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """One account for each direction of each link."""
    links = problem.links
    placement: list[int] = []
    account: list[int] = []
    amount: list[int] = []
    for row, workload, _, _ in placements(problem, plan):
        here = problem.access_of(workload).node
        for number in plan.route(row).tolist():
            link = links[number]
            onward = here == link.source
            for forward, stream in ((onward, workload.uplink_kbps), (not onward, workload.downlink_kbps)):
                placement.append(row)
                account.append(number if forward else len(links) + number)
                amount.append(stream * workload.shard_size)
            here = link.target if onward else link.source
    names = [f"{ln.id}>{end}" for ends in ("target", "source") for ln in links for end in (getattr(ln, ends),)]
    have = np.array([link.capacity_kbps for _ in range(2) for link in links], np.int64)
    columns = (np.array(column, np.int64) for column in (placement, account, amount))
    return (Ledger("link_capacity", "bandwidth", "kbit/s", names, have, *columns),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan))
