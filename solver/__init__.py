"""Edgeplan's solver: which inference workload runs where, with a proof.

The door for everyone outside: ask a :class:`Problem`, :func:`place` it, :func:`verify` any plan, :func:`explain` it.
"""

from solver.engines import Limits, Progress
from solver.facts.latency import Budgets, budgets
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.validate import ProblemError
from solver.judging.explain import Explanation, explain
from solver.judging.usage import Use, usage
from solver.judging.verify import Verdict, verify
from solver.params import SolveParams
from solver.place import Result, ShadowPrice, UnverifiedPlan, place
from solver.rules import GOALS, LIMITS, RULES, name_of
from solver.rules.violation import Violation
from solver.space.warm_start import WarmStart

#: What a solve leaves to the next, by the name that it had at first.
Memory = WarmStart

__all__ = [
    "GOALS",
    "LIMITS",
    "RULES",
    "Budgets",
    "Explanation",
    "Limits",
    "Memory",
    "Plan",
    "Problem",
    "ProblemError",
    "Progress",
    "Result",
    "ShadowPrice",
    "SolveParams",
    "UnverifiedPlan",
    "Use",
    "Verdict",
    "Violation",
    "WarmStart",
    "budgets",
    "explain",
    "name_of",
    "place",
    "usage",
    "verify",
]
