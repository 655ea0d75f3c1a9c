"""Links that each item's traffic may take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver.rules.factors import OpenLinks
from solver.space.frame import Bools, Frame, Ints
from solver.space.merging import met

OF = OpenLinks


class Arrays(NamedTuple):
    """``open[mask[k], l]``: whether link l is open to item k. No two rows are alike."""

    mask: Ints
    open: Bools


def stack(factors: Sequence[OpenLinks], frame: Frame) -> Arrays:
    """The links that every rule leaves open. Keys that leave the same links open share a row, and so their trees."""
    mask, opened = met([f.key for f in factors], [f.open for f in factors], frame.items, frame.links)
    opened, same = np.unique(opened, axis=0, return_inverse=True)
    return Arrays(same.reshape(-1)[mask], opened)
