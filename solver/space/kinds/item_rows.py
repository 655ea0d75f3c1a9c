"""Rows that each placed copy of an item loads, wherever it is placed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver.compiled import inlined
from solver.rules.factors import ItemRows
from solver.space.frame import Bools, Frame, Ints, Load, Running
from solver.space.merging import stacked, valued

OF = ItemRows


class Arrays(NamedTuple):
    """Each copy of item k loads row ``row[i, k]`` (-1: none) by ``amount[i, k]``, for each factor i."""

    row: Ints
    amount: Ints


def stack(factors: Sequence[ItemRows], frame: Frame) -> Arrays:
    """One row of the arrays a factor."""
    rows = [frame.accounts.shifted(f.row, f.rows) for f in factors]
    return Arrays(stacked(rows, frame.items), stacked([f.amount for f in factors], frame.items))


def placeable(a: Arrays, capacity: Ints) -> Bools:
    """bool[K]: items of which one copy fits on its own."""
    fits = np.ones(a.row.shape[1], bool)
    for row, amount in zip(a.row, a.amount, strict=True):
        fits &= (row < 0) | (amount <= capacity[np.maximum(row, 0)])
    return fits


def value(a: Arrays, dual: Ints) -> Ints:
    """int64[K]: dual value of what one copy of each item loads."""
    return valued(a.row, a.amount, dual)


@inlined
def entries(a: Arrays, k: int, row: Ints, amount: Ints, size: int) -> int:
    """Write what a copy of item k loads behind the first `size` entries; returns how many there are then."""
    for q in range(len(a.row)):
        if a.row[q, k] >= 0 and a.amount[q, k] > 0:
            row[size], amount[size] = a.row[q, k], a.amount[q, k]
            size += 1
    return size


@inlined
def fits(a: Arrays, residual: Ints, k: int) -> bool:
    """Whether what a copy of item k loads has capacity left; it has where `residual` is empty."""
    if len(residual) > 0:
        for q in range(len(a.row)):
            if a.row[q, k] >= 0 and a.amount[q, k] > residual[a.row[q, k]]:
                return False
    return True


def largest(factor: ItemRows, capacity: Ints) -> Ints:
    """An upper limit on what one option loads each row with: an option that would overfill one on its own is not legal."""
    return np.maximum(1, capacity)


def held(factor: ItemRows, now: Running) -> list[Load]:
    """What is in force loads, by placement."""
    return [(now.everyone, factor.row, factor.amount)]
