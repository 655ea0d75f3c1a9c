"""Engines: from a packing to the best legal placement and a proven bound. They know no rule, only the packing."""

from solver.bounds.bound import Terms, item_terms
from solver.engines.portfolio import PHASES, solve
from solver.packing.solution import Limits, Prices, Progress, Solution
from solver.params import SolveParams

__all__ = ["PHASES", "Limits", "Prices", "Progress", "Solution", "SolveParams", "Terms", "item_terms", "solve"]
