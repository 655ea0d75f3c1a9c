"""Engines: from a packing to the best legal placement and a proven bound. They know no rule, only the packing."""

from solver.bounds.bound import Terms, item_terms
from solver.engines.portfolio import solve
from solver.packing.solution import Limits, Prices, Progress, Solution

__all__ = ["Limits", "Prices", "Progress", "Solution", "Terms", "item_terms", "solve"]
