"""Several factors of one kind as one: what all rules together say of the same items, hosts and nodes.

Where rules shut something, it stays shut; where they charge for something, charges add up. Nothing said is nothing shut
and nothing charged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from solver.rules.account import Account
from solver.rules.factors import CrowdCost, Factor, Rows, StayAt

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


def bound_to(several: Iterable[StayAt], size: int) -> StayAt:
    """The one node that each item may use: -1, none, where two rules name different ones."""
    bound, node = np.zeros(size, bool), np.full(size, -1, np.int64)
    for one in several:
        node = np.where(one.bound & (~bound | (node == one.node)), one.node, np.where(one.bound, -1, node))
        bound |= one.bound
    return StayAt(bound, node)


def crowding(several: Iterable[CrowdCost], rows: Sequence[Rows], size: int) -> tuple[Bools, Ints]:
    """Overfull rows of all `rows`, bool[., rows], and what loading one of them costs each item, int64[., K].

    Charges for the same accounts are one; charges for no accounts are none.
    """
    charges: dict[frozenset[Account], Ints] = {}
    for one in several:
        if one.accounts:
            charges[one.accounts] = charges.get(one.accounts, 0) + one.cost
    labels = [table.named(row) for table in rows for row in range(len(table.subjects))] if charges else []
    overfull = [[label in accounts for label in labels] for accounts in charges]
    return (
        np.array(overfull, bool).reshape(len(charges), len(labels)),
        np.array(list(charges.values()), np.int64).reshape(len(charges), size),
    )
