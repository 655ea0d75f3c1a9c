"""What travels over a link fits into it, in each direction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.walk import walk
from solver.rules.account import Account, Subjects, subject_of
from solver.rules.factors import Factor, RouteRows, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ledger, Violation, overfull, remembered


def account_of(link: str, towards: str) -> Account:
    """The account of a link in the direction of one of its nodes."""
    return Account("link_capacity", "bandwidth", "kbps", subject_of({"link": link, "direction": towards}))


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    links = problem.links
    ends = [link.target for link in links] + [link.source for link in links]
    each = Subjects({"link": 2 * [link.id for link in links], "direction": ends})
    capacity = np.array([link.capacity_kbps for link in links] + [link.back_kbps for link in links], np.int64)
    up = np.array([w.uplink_kbps for w in items.like], np.int64) * items.devices
    down = np.array([w.downlink_kbps for w in items.like], np.int64) * items.devices
    return (RouteRows(Rows("link_capacity", "bandwidth", "kbps", each, capacity), up, down),)


@remembered
def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """One account for each direction of each link."""
    links = problem.links
    # Each step of a route is two entries: what goes up takes the link that way, what comes down the other.
    upward = walk(problem, plan).onward
    account = plan.route_link[:, None] + len(links) * np.stack((~upward, upward), axis=1)
    amount = (problem.stream_kbps[plan.workload] * problem.devices_of(plan)[:, None])[plan.route_row]
    subjects = Subjects({
        "direction": [getattr(link, end) for end in ("target", "source") for link in links],
        "link": [link.id for _ in range(2) for link in links],
    })  # fmt: skip
    rates = [getattr(link, way) for way in ("capacity_kbps", "back_kbps") for link in links]
    have = np.array(rates, np.int64)
    placement = np.repeat(plan.route_row, 2)
    return (Ledger("link_capacity", "bandwidth", "kbps", subjects, have, placement, account.ravel(), amount.ravel()),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan), lambda: ledgers(problem, problem.in_force))
