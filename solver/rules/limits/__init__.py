"""The limits, named once: what a plan may decide about, limits on single placements, and limits on sums over placements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor
from solver.rules.items import Hosts, Items
from solver.rules.limits import (
    accelerator,
    access_capacity,
    anti_affinity,
    cards,
    certification,
    commitment,
    control,
    deadline,
    failure_domain,
    link_capacity,
    node_capacity,
    node_state,
    pin,
    residency,
    route,
    scope,
    share_cap,
    tier,
    transit,
)
from solver.rules.violation import Ledger, Violation


class Limit(Protocol):
    """A rule that a plan must not break."""

    __name__: str

    def compile(self, problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]: ...

    def check(self, problem: Problem, plan: Plan) -> Iterator[Violation]: ...


@runtime_checkable
class Total(Limit, Protocol):
    """A limit on sums over placements, with the accounts that it keeps."""

    def ledgers(self, problem: Problem, plan: Plan) -> tuple[Ledger, ...]: ...


#: What a plan may decide about at all.
FRAME: tuple[Limit, ...] = (scope,)

#: Limits on a single placement: each is judged without looking at any other. What runs may keep a placement that breaks one.
SINGLE: tuple[Limit, ...] = (
    pin, tier, accelerator, node_state, commitment, residency, control, certification, failure_domain, transit, route,
    deadline,
)  # fmt: skip

#: Limits on sums over placements.
TOTALS: tuple[Total, ...] = (node_capacity, access_capacity, link_capacity, anti_affinity, share_cap)

#: Limits on which parts of cards the servers have.
PARTS: tuple[Limit, ...] = (cards,)

#: Those that say over which links traffic may go. The routes of a nation take longest to work out, so these are asked first.
ROUTES: tuple[Limit, ...] = (transit,)

LIMITS: tuple[Limit, ...] = (*FRAME, *SINGLE, *TOTALS, *PARTS)
