"""What a copy pays for its route: rounded up twice for each charge, so charges stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.compiled import inlined
from solver.rules.factors import RouteCost
from solver.space.frame import Frame, Ints, Reals32
from solver.space.merging import stacked

OF = RouteCost

Reals = npt.NDArray[np.float64]


class Arrays(NamedTuple):
    """Charge q has streams ``ptr[q]:ptr[q + 1]`` and weighs ``weight[q]`` thousandths.

    Stream c carries ``kbps[c, k]`` of item k and costs ``per_gbps[c, arc]`` won a Gbit/s and month.
    """

    ptr: Ints
    kbps: Ints
    per_gbps: Ints
    weight: Ints


def stack(factors: Sequence[RouteCost], frame: Frame) -> Arrays:
    """One charge a factor."""
    return Arrays(
        np.concatenate(([0], np.cumsum([len(f.kbps) for f in factors]))).astype(np.int64),
        stacked([kbps for f in factors for kbps in f.kbps], frame.items),
        stacked([price for f in factors for price in f.per_gbps], 2 * frame.links),
        np.array([f.weight for f in factors], np.int64),
    )


def summed(a: Arrays) -> list[Ints]:
    """What :func:`cost` wants summed along routes, int64[2L] each."""
    return list(a.per_gbps)


@inlined
def cost(a: Arrays, k: int, total: Ints, at: int, first: int) -> int:
    """Money a month for a route; row `at` of `total` is what is summed along it, from column `first` on."""
    won = 0
    for q in range(len(a.weight)):
        streams = np.int64(0)
        for c in range(a.ptr[q], a.ptr[q + 1]):
            streams += a.kbps[c, k] * total[at, first + c]
        carried = -(-streams // 1_000_000)
        won += -(-(carried * a.weight[q]) // 1000)
    return won


@inlined
def cost_along(a: Arrays, k: int, arcs: Ints, length: int) -> int:
    """Money a month for the route over the first `length` of `arcs`."""
    won = 0
    for q in range(len(a.weight)):
        streams = np.int64(0)
        for c in range(a.ptr[q], a.ptr[q + 1]):
            per_gbps = np.int64(0)
            for e in range(length):
                per_gbps += a.per_gbps[c, arcs[e]]
            streams += a.kbps[c, k] * per_gbps
        carried = -(-streams // 1_000_000)
        won += -(-(carried * a.weight[q]) // 1000)
    return won


@inlined
def rates(a: Arrays, k: int, scale: int) -> Reals:
    """What a unit of each sum costs item k without rounding, float64[streams], 1/scale of a unit."""
    rate = np.zeros(len(a.kbps))
    for q in range(len(a.weight)):
        for c in range(a.ptr[q], a.ptr[q + 1]):
            rate[c] = scale * a.kbps[c, k] * a.weight[q] / 1e9
    return rate


@inlined
def at_least(rate: Reals, total: Ints | Reals32, at: int, first: int) -> float:
    """A lower bound on :func:`cost` without divisions, 1/scale of a unit, from :func:`rates`."""
    low = 0.0
    for c in range(len(rate)):
        low += rate[c] * total[at, first + c]
    return low
