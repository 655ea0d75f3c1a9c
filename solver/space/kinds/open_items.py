"""Items that may be placed at all."""

from __future__ import annotations

from collections.abc import Sequence

from solver.rules.factors import OpenItems
from solver.space.frame import Bools, Frame
from solver.space.merging import all_of

OF = OpenItems


def stack(factors: Sequence[OpenItems], frame: Frame) -> Bools:
    """bool[K]: the items that every rule leaves open."""
    return all_of((f.open for f in factors), frame.items)
