"""What factors are stacked within: sizes, the rows of all factors together, and what is in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from solver.rules.factors import Rows

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Reals32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

#: Placements, the row that each loads (-1: none), and by how much.
Load: TypeAlias = tuple[Ints, Ints, Ints]


@dataclass(frozen=True)
class Accounts:
    """The rows of all load factors one after the other: those of ``rows[i]`` are ``offset[i]:offset[i + 1]``.

    `capacity` is what is free for items.
    """

    rows: tuple[Rows, ...]
    offset: Ints
    capacity: Ints

    def first(self, rows: Rows) -> int:
        """Where the rows of one factor begin."""
        return int(self.offset[next(i for i, one in enumerate(self.rows) if one is rows)])

    def shifted(self, row: Ints, rows: Rows) -> Ints:
        """Rows of one factor, -1 for none, in the numbers of all."""
        return np.where(row < 0, -1, row + self.first(rows))


#: No rows at all.
NO_ACCOUNTS = Accounts((), np.zeros(1, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Frame:
    """How many items, hosts (with places to stay), nodes and links there are, and the rows."""

    items: int
    hosts: int
    nodes: int
    links: int
    accounts: Accounts = NO_ACCOUNTS


class Running(NamedTuple):
    """The placements in force, for what they load: `servers` of each; and for each arc of a route, whose it is."""

    everyone: Ints  # number of each placement
    servers: Ints
    of_arc: Ints  # placement of each arc of a route
    arc: Ints
    reverse: Ints  # the same link the other way
