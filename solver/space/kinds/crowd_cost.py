"""What a copy that does not stay costs for loading rows that are overfull already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver.compiled import inlined
from solver.rules.account import Account
from solver.rules.factors import CrowdCost
from solver.space.frame import Bools, Frame, Ints

OF = CrowdCost


class Arrays(NamedTuple):
    """Item k pays ``cost[i, k]`` won a month for loading any row r with ``overfull[i, r]``."""

    overfull: Bools
    cost: Ints


def stack(factors: Sequence[CrowdCost], frame: Frame) -> Arrays:
    """One row of the arrays a set of accounts: charges for the same accounts are one, charges for no accounts are none."""
    charges: dict[frozenset[Account], Ints] = {}
    for one in factors:
        if one.accounts:
            charges[one.accounts] = charges.get(one.accounts, 0) + one.cost
    rows = frame.accounts.rows if charges else ()
    labels = [table.named(row) for table in rows for row in range(len(table.subjects))]
    overfull = [[label in accounts for label in labels] for accounts in charges]
    return Arrays(
        np.array(overfull, bool).reshape(len(charges), len(labels)),
        np.array(list(charges.values()), np.int64).reshape(len(charges), frame.items),
    )


@inlined
def cost(a: Arrays, k: int, row: Ints, size: int) -> int:
    """Money a month for a copy of item k that loads the first `size` rows of `row`."""
    won = 0
    for c in range(len(a.cost)):
        loads = False
        for e in range(size):
            loads = loads or a.overfull[c, row[e]]
        if loads:
            won += a.cost[c, k]
    return won
