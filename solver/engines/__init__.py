"""Engines: from a packing to the best legal placement and a proven bound. They know no rule, only the packing."""

from solver.engines.bound import Terms, item_terms
from solver.engines.contract import Limits, Prices, Progress, Solution
from solver.engines.portfolio import solve

__all__ = ["Limits", "Prices", "Progress", "Solution", "Terms", "item_terms", "solve"]
