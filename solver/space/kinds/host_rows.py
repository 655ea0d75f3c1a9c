"""Rows that each server on a host loads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver.compiled import inlined
from solver.rules.factors import HostRows
from solver.space.frame import Frame, Ints, Load, Running
from solver.space.merging import stacked, valued

OF = HostRows


class Arrays(NamedTuple):
    """Each server on host h loads row ``row[i, h]`` (-1: none) by ``amount[i, h]``, for each factor i."""

    row: Ints
    amount: Ints


def stack(factors: Sequence[HostRows], frame: Frame) -> Arrays:
    """One row of the arrays a factor."""
    rows = [frame.accounts.shifted(f.row, f.rows) for f in factors]
    return Arrays(stacked(rows, frame.hosts), stacked([f.per_server for f in factors], frame.hosts))


def at_most(a: Arrays, capacity: Ints, most: Ints) -> Ints:
    """int64[H]: servers that each host has capacity for when nothing else is placed, no more than `most`."""
    for row, amount in zip(a.row, a.amount, strict=True):
        fit = capacity[np.maximum(row, 0)] // np.maximum(amount, 1)
        most = np.where((row >= 0) & (amount > 0), np.minimum(most, fit), most)
    return most


def value(a: Arrays, dual: Ints) -> Ints:
    """int64[H]: dual value of what one server on each host loads."""
    return valued(a.row, a.amount, dual)


@inlined
def entries(a: Arrays, h: int, servers: int, row: Ints, amount: Ints, size: int) -> int:
    """Write what `servers` servers on host h load behind the first `size` entries; returns how many there are then."""
    for q in range(len(a.row)):
        if a.row[q, h] >= 0 and a.amount[q, h] * servers > 0:
            row[size], amount[size] = a.row[q, h], a.amount[q, h] * servers
            size += 1
    return size


@inlined
def fitting(a: Arrays, residual: Ints, h: int, servers: int) -> int:
    """How many of so many servers host h has capacity left for; all where `residual` is empty."""
    if len(residual) > 0:
        for q in range(len(a.row)):
            row = a.row[q, h]
            if row >= 0 and a.amount[q, h] * servers > residual[row]:
                servers = residual[row] // a.amount[q, h]
    return servers


def largest(factor: HostRows, capacity: Ints) -> Ints:
    """An upper limit on what one option loads each row with: an option that would overfill one on its own is not legal."""
    return np.maximum(1, capacity)


def held(factor: HostRows, now: Running) -> list[Load]:
    """What is in force loads, by placement."""
    return [(now.everyone, factor.row, factor.per_server * now.servers)]
