"""Loops cut into parts, for threads to share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
P = TypeVar("P")
R = TypeVar("R")

#: Parts that a loop over all items or options is cut into, for threads to share.
PARTS = 16


def stretches(rising: Ints) -> list[slice]:
    """About `PARTS` stretches of about the same length, for threads to share; equal values stay together."""
    at = np.linspace(0, len(rising), PARTS, endpoint=False).astype(np.int64)[: len(rising)]
    cuts = np.unique(np.searchsorted(rising, rising[at])).tolist()
    return [slice(a, b) for a, b in pairwise([*cuts, len(rising)])]


def side_by_side(executor: Executor | None, work: Callable[[P], R], parts: Iterable[P]) -> list[R]:
    """The work on each part, in order: done by the executor, or one after the other where there is none."""
    return list(map(work, parts) if executor is None else executor.map(work, parts))


def over_cuts(executor: Executor | None, cuts: list[int], work: Callable[[int, int], R]) -> list[R]:
    """The work on each stretch between two cuts, in order."""
    return side_by_side(executor, lambda part: work(*part), pairwise(cuts))
