"""Items that may use one node only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver.compiled import inlined
from solver.rules.factors import StayAt
from solver.space.frame import Bools, Frame, Ints

OF = StayAt


class Arrays(NamedTuple):
    """Item k with `bound[k]` may use node `node[k]` only; -1: none at all."""

    bound: Bools
    node: Ints


def stack(factors: Sequence[StayAt], frame: Frame) -> Arrays:
    """The one node that each item may use: none where two rules name different ones."""
    bound, node = np.zeros(frame.items, bool), np.full(frame.items, -1, np.int64)
    for one in factors:
        node = np.where(one.bound & (~bound | (node == one.node)), one.node, np.where(one.bound, -1, node))
        bound |= one.bound
    return Arrays(bound, node)


@inlined
def allows(a: Arrays, k: int, n: int) -> bool:
    """Whether item k may use node n."""
    return bool(not a.bound[k] or a.node[k] == n)
