"""What a copy costs for staying as it is, beside what its servers and its traffic cost."""

from __future__ import annotations

from collections.abc import Sequence

from solver.compiled import inlined
from solver.rules.factors import StayCost
from solver.space.frame import Frame, Ints
from solver.space.merging import added

OF = StayCost


def stack(factors: Sequence[StayCost], frame: Frame) -> Ints:
    """int64[K], won a month: costs of all rules together."""
    return added((f.cost for f in factors), frame.items)


@inlined
def cost(stay: Ints, k: int) -> int:
    """Money a month for a copy of item k that stays."""
    return int(stay[k])
