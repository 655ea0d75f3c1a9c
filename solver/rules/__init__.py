"""The rules, named once. Everything else walks these two tuples.

A rule is a module. Its docstring is its meaning, shown to users as it stands; its file name is its name. It has two
faces, written independently of each other:

* ``compile(problem, items, hosts)`` returns :mod:`factors <solver.factors>`, which shape the options of the solver;
* a limit's ``check(problem, plan)`` yields what a finished plan breaks, and a goal's ``cost(problem, plan)`` says what
  it costs, both read from the facts. A limit on sums also has ``ledgers(problem, plan)``: who uses how much.

A new rule is a new file and its name in a tuple; the agreement test then compares its faces on its own.
"""

from __future__ import annotations

from typing import Protocol

from solver.factors import Factor
from solver.items import Hosts, Items
from solver.plan import Plan
from solver.problem import Problem
from solver.rules import accelerators, disturbed, energy, moves, transport, unplaced
from solver.rules.limits import FRAME, LIMITS, PARTS, SINGLE, TOTALS, WAYS, Limit, Total
from solver.rules.violation import Ints


class Goal(Protocol):
    """A rule that says what a plan costs, and what each placement adds to that by itself, in won a month."""

    __name__: str

    def compile(self, problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]: ...

    def cost(self, problem: Problem, plan: Plan) -> int: ...

    def each(self, problem: Problem, plan: Plan) -> Ints: ...


GOALS: tuple[Goal, ...] = (unplaced, accelerators, energy, transport, moves, disturbed)

RULES: tuple[Limit | Goal, ...] = (*LIMITS, *GOALS)

__all__ = ["FRAME", "GOALS", "LIMITS", "PARTS", "RULES", "SINGLE", "TOTALS", "WAYS", "Goal", "Limit", "Total", "name_of"]


def name_of(rule: Limit | Goal) -> str:
    """A rule's name: its file's."""
    return rule.__name__.rpartition(".")[2]
