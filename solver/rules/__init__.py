"""The rules, named once. Everything else walks these two tuples.

A rule is a module. Its docstring is its meaning, shown to users as it stands; its file name is its name. It has two
faces, written independently of each other:

* ``compile(problem, items, hosts)`` returns :mod:`factors <solver.factors>`, which shape the options of the solver;
* a limit's ``check(problem, plan)`` yields what a finished plan breaks, and a goal's ``cost(problem, plan)`` says what
  it costs, both read from the facts. A limit on sums also has ``ledgers(problem, plan)``: who uses how much.

A new rule is a new file and its name in a tuple; the agreement test then compares its faces on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from solver.factors import Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules import (
    accelerator,
    accelerators,
    access_capacity,
    anti_affinity,
    certification,
    commitment,
    control,
    deadline,
    energy,
    link_capacity,
    moves,
    node_capacity,
    node_state,
    pin,
    residency,
    scope,
    share_cap,
    tier,
    transit,
    transport,
    unplaced,
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


class Goal(Protocol):
    """A rule that says what a plan costs."""

    __name__: str

    def compile(self, problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]: ...

    def cost(self, problem: Problem, plan: Plan) -> int: ...


#: Limits on a single placement: each is judged without looking at any other.
SINGLE: tuple[Limit, ...] = (
    scope, pin, tier, accelerator, node_state, commitment, residency, control, certification, transit, deadline,
)  # fmt: skip

#: Limits on sums over placements.
TOTALS: tuple[Total, ...] = (node_capacity, access_capacity, link_capacity, anti_affinity, share_cap)

#: Those that say over which links traffic may go. The ways of a nation take longest to work out, so these are asked first.
WAYS: tuple[Limit, ...] = (transit,)

LIMITS: tuple[Limit, ...] = (*SINGLE, *TOTALS)

GOALS: tuple[Goal, ...] = (unplaced, accelerators, energy, transport, moves)

RULES: tuple[Limit | Goal, ...] = (*LIMITS, *GOALS)


def name_of(rule: Limit | Goal) -> str:
    """A rule's name: its file's."""
    return rule.__name__.rpartition(".")[2]
