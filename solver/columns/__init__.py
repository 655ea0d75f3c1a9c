"""Which options the engines get to see, and a bound that speaks of all of them.

Small spaces are listed whole. Of a large one only options that can matter are listed: the cheapest of each item first,
then, round by round, those that are cheapest at the prices of the list so far (column pricing, as in Dantzig and Wolfe
1960), and those that a plan made at these prices takes, since they show where there is room. Each pricing pass looks at
every legal option, so the Lagrangian bound with the least reduced cost over *all* of an item's options holds for the whole
space, whatever was listed.
"""

from solver.columns.generation import generate
from solver.columns.listing import RestrictedMaster, enlarge, price_out
from solver.columns.plans import staying

__all__ = ["RestrictedMaster", "enlarge", "generate", "price_out", "staying"]
