"""What leaving one copy of an item out costs."""

from __future__ import annotations

from collections.abc import Sequence

from solver.rules.factors import UnplacedCost
from solver.space.frame import Frame, Ints
from solver.space.merging import added

OF = UnplacedCost


def stack(factors: Sequence[UnplacedCost], frame: Frame) -> Ints:
    """int64[K], won a month: costs of all rules together."""
    return added((f.cost for f in factors), frame.items)
