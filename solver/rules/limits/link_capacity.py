"""What travels over a link fits into it, in each direction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.walk import walk
from solver.rules.factors import Factor, RouteRows, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ledger, Violation, overfull, remembered


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    links = problem.links
    names = [f"{ln.id}>{ln.target}" for ln in links] + [f"{ln.id}>{ln.source}" for ln in links]
    capacity = np.array([link.capacity_kbps for link in links] + [link.back_kbps for link in links], np.int64)
    up = np.array([w.uplink_kbps for w in items.like], np.int64) * items.devices
    down = np.array([w.downlink_kbps for w in items.like], np.int64) * items.devices
    return (RouteRows(Rows("link_capacity", "bandwidth", "kbit/s", names, capacity), up, down),)


@remembered
def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """One account for each direction of each link."""
    links = problem.links
    # Each step of a route is two entries: what goes up takes the link that way, what comes down the other.
    upward = walk(problem, plan).onward
    account = plan.route_link[:, None] + len(links) * np.stack((~upward, upward), axis=1)
    amount = (problem.stream_kbps[plan.workload] * problem.devices_of(plan)[:, None])[plan.route_row]
    names = [f"{ln.id}>{end}" for ends in ("target", "source") for ln in links for end in (getattr(ln, ends),)]
    rates = [getattr(link, way) for way in ("capacity_kbps", "back_kbps") for link in links]
    have = np.array(rates, np.int64)
    placement = np.repeat(plan.route_row, 2)
    return (Ledger("link_capacity", "bandwidth", "kbit/s", names, have, placement, account.ravel(), amount.ravel()),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan), lambda: ledgers(problem, problem.in_force))
