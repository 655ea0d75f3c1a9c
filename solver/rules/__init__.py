"""The rules: limits, which a plan must not break, and goals, which say what it costs.

A rule is a module of :mod:`solver.rules.limits` or :mod:`solver.rules.goals`. Its docstring is its meaning, shown to users
as it stands; its file name is its name. It has two faces, written independently of each other:

* ``compile(problem, items, hosts)`` returns :mod:`factors <solver.rules.factors>`, which shape the options of the solver;
* a limit's ``check(problem, plan)`` yields what a finished plan breaks, and a goal's ``cost(problem, plan)`` says what
  it costs, both read from the facts. A limit on sums also has ``ledgers(problem, plan)``: who uses how much.

A new rule is a new file and its name in the tuple of its kind; the agreement test then compares its faces on its own, and
the import contract that no rule knows another holds for it, too.
"""

from __future__ import annotations

from solver.rules.goals import GOALS, Goal
from solver.rules.limits import FRAME, LIMITS, PARTS, ROUTES, SINGLE, TOTALS, Limit, Total

RULES: tuple[Limit | Goal, ...] = (*LIMITS, *GOALS)

__all__ = ["FRAME", "GOALS", "LIMITS", "PARTS", "ROUTES", "RULES", "SINGLE", "TOTALS", "Goal", "Limit", "Total", "name_of"]


def name_of(rule: Limit | Goal) -> str:
    """A rule's name: its file's."""
    return rule.__name__.rpartition(".")[2]
