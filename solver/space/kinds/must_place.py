"""Items that run now and are placed in any case."""

from __future__ import annotations

from collections.abc import Sequence

from solver.rules.factors import MustPlace
from solver.space.frame import Bools, Frame
from solver.space.merging import any_of

OF = MustPlace


def stack(factors: Sequence[MustPlace], frame: Frame) -> Bools:
    """bool[K]: the items that some rule wants placed."""
    return any_of((f.must for f in factors), frame.items)
