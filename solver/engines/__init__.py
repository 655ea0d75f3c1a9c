"""Engines: from a packing to the best legal placement and a proven bound. They know no rule, only the packing."""

from solver.bounds.bound import Terms, item_terms
from solver.engines.phase import Phase, Solve
from solver.engines.portfolio import PHASES, solve
from solver.packing.solution import Limits, Prices, Progress, Solution, Stage
from solver.params import SolveParams

__all__ = [
    "PHASES",
    "Limits",
    "Phase",
    "Prices",
    "Progress",
    "Solution",
    "Solve",
    "SolveParams",
    "Stage",
    "Terms",
    "item_terms",
    "solve",
]
