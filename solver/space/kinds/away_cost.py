"""What a copy that runs now costs wherever it does not stay as it is."""

from __future__ import annotations

from collections.abc import Sequence

from solver.compiled import inlined
from solver.rules.factors import AwayCost
from solver.space.frame import Frame, Ints
from solver.space.merging import added

OF = AwayCost


def stack(factors: Sequence[AwayCost], frame: Frame) -> Ints:
    """int64[K], won a month: costs of all rules together."""
    return added((f.cost for f in factors), frame.items)


@inlined
def cost(away: Ints, current: Ints, stay: Ints, k: int, n: int) -> int:
    """Money a month for a copy of item k placed anew on node n.

    It runs on node ``current[k]`` (-1: on none); where it has a place to stay, ``stay[k]`` is that place, else -1.
    """
    if current[k] >= 0 and (current[k] != n or stay[k] >= 0):
        return int(away[k])
    return 0
