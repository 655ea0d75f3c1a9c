"""The goals, named once: what a plan costs, each in money a month."""

from __future__ import annotations

from typing import Protocol

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.factors import Factor
from solver.rules.goals import accelerators, disturbed, energy, moves, transport, unplaced
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ints


class Goal(Protocol):
    """A rule that says what a plan costs, and what each placement adds to that by itself, in money a month."""

    __name__: str

    def compile(self, problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]: ...

    def cost(self, problem: Problem, plan: Plan) -> int: ...

    def each(self, problem: Problem, plan: Plan) -> Ints: ...


GOALS: tuple[Goal, ...] = (unplaced, accelerators, energy, transport, moves, disturbed)
