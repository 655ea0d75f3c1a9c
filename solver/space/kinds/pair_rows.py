"""Rows where an item's group meets a host's domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver.compiled import inlined
from solver.rules.factors import PairRows
from solver.space.frame import Frame, Ints, Load, Running
from solver.space.merging import stacked

OF = PairRows


class Arrays(NamedTuple):
    """Each copy of item k on host h loads row ``first[i] + base[i, k] + slot[i, h]`` by ``amount[i, k]``, for each factor i.

    It loads none where base or slot is -1.
    """

    first: Ints
    base: Ints
    slot: Ints
    amount: Ints


def stack(factors: Sequence[PairRows], frame: Frame) -> Arrays:
    """One row of the arrays a factor."""
    return Arrays(
        np.array([frame.accounts.first(f.rows) for f in factors], np.int64),
        stacked([f.base for f in factors], frame.items),
        stacked([f.slot for f in factors], frame.hosts),
        stacked([f.amount for f in factors], frame.items),
    )


@inlined
def value(a: Arrays, dual: Ints, k: int, h: int) -> int:
    """Dual value of what a copy of item k loads on host h; 0 where `dual` is empty."""
    value = 0
    if len(dual) > 0:
        for q in range(len(a.first)):
            if a.base[q, k] >= 0 and a.slot[q, h] >= 0:
                value += a.amount[q, k] * dual[a.first[q] + a.base[q, k] + a.slot[q, h]]
    return value


@inlined
def entries(a: Arrays, k: int, h: int, row: Ints, amount: Ints, size: int) -> int:
    """Write what a copy of item k on host h loads behind the first `size` entries; returns how many there are then."""
    for q in range(len(a.first)):
        if a.base[q, k] >= 0 and a.slot[q, h] >= 0 and a.amount[q, k] > 0:
            row[size], amount[size] = a.first[q] + a.base[q, k] + a.slot[q, h], a.amount[q, k]
            size += 1
    return size


def largest(factor: PairRows, capacity: Ints) -> Ints:
    """An upper limit on what one option loads each row with."""
    return np.full(len(capacity), max(1, int(factor.amount.max(initial=0))))


def held(factor: PairRows, now: Running) -> list[Load]:
    """What is in force loads, by placement."""
    row = np.where((factor.base < 0) | (factor.slot < 0), -1, factor.base + factor.slot)
    return [(now.everyone, row, factor.amount)]
