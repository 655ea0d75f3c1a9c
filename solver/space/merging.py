"""What several factors of one kind come to together, in the ways that kinds have in common.

Where rules shut something, it stays shut; where they charge for something, charges add up. Nothing said is nothing shut
and nothing charged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from solver.rules.factors import Factor

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
F = TypeVar("F")


def of_kind(factors: Iterable[Factor], kind: type[F]) -> list[F]:
    """The factors of one kind, in order."""
    return [factor for factor in factors if isinstance(factor, kind)]


def added(charges: Iterable[Ints], size: int) -> Ints:
    """Charges for the same `size` things, added up."""
    total = np.zeros(size, np.int64)
    for charge in charges:
        total += charge
    return total


def all_of(doors: Iterable[Bools], size: int) -> Bools:
    """Which of `size` things every rule leaves open."""
    opened = np.ones(size, bool)
    for door in doors:
        opened &= door
    return opened


def any_of(claims: Iterable[Bools], size: int) -> Bools:
    """Which of `size` things some rule claims."""
    claimed = np.zeros(size, bool)
    for claim in claims:
        claimed |= claim
    return claimed


def met(keys: Sequence[Ints], doors: Sequence[Bools], items: int, width: int) -> tuple[Ints, Bools]:
    """Meet several rules' tables of open things, ``doors[i][keys[i][k], x]`` for item k and thing x of `width`.

    Returns
    -------
    tuple
        The row of each item, and the table: one row for each combination of keys that occurs.
    """
    stacked = np.array(keys, np.int64).reshape(len(keys), items)
    combinations, row = np.unique(stacked, axis=1, return_inverse=True)
    opened = np.ones((combinations.shape[1], width), bool)
    for door, key in zip(doors, combinations, strict=True):
        opened &= door[key]
    return row.reshape(-1).astype(np.int64), opened


def stacked(columns: Sequence[Ints], width: int) -> Ints:
    """Columns of several factors as rows of one array, int64[., width]."""
    return np.ascontiguousarray(np.array(columns, np.int64).reshape(len(columns), width))


def valued(row: Ints, amount: Ints, dual: Ints) -> Ints:
    """int64[width]: dual value of what several factors load, each on rows ``row[i]`` (-1: none) by ``amount[i]``."""
    total = np.zeros(row.shape[1], np.int64)
    for rows, amounts in zip(row, amount, strict=True):
        total += np.where(rows < 0, 0, dual[np.maximum(rows, 0)] * amounts)
    return total
