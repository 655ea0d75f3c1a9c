"""Links that demand can fill."""

from __future__ import annotations

from collections.abc import Sequence

from solver.rules.factors import Fills
from solver.space.frame import Bools, Frame
from solver.space.merging import any_of

OF = Fills


def stack(factors: Sequence[Fills], frame: Frame) -> Bools:
    """bool[L]: the links that demand can fill by some rule."""
    return any_of((f.fills for f in factors), frame.links)
