"""Nodes open to each item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from solver.compiled import inlined
from solver.rules.factors import OpenNodes
from solver.space.frame import Bools, Frame, Ints
from solver.space.merging import met

OF = OpenNodes


class Arrays(NamedTuple):
    """``open[key[k], n]``: whether node n is open to item k."""

    key: Ints
    open: Bools


def stack(factors: Sequence[OpenNodes], frame: Frame) -> Arrays:
    """The nodes that every rule leaves open: one row for each combination of keys that occurs."""
    return Arrays(*met([f.key for f in factors], [f.open for f in factors], frame.items, frame.nodes))


@inlined
def of_item(a: Arrays, k: int) -> Bools:
    """bool[N]: the nodes open to item k."""
    opened: Bools = a.open[a.key[k]]
    return opened
