"""A placement: one shard of one workload in one role on one node.

What a plan proposes and what runs are both sets of placements.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

#: Equal parts of a card at which a slice may begin: the smallest slice is an eighth.
EIGHTHS = 8

#: Most servers that one shard is given. Solver, verifier and explanations share this limit.
MOST_SERVERS = 4096


class Role(StrEnum):
    """What a placement does for its shard."""

    PRIMARY = "primary"


class Slot(NamedTuple):
    """Where a server has its part of an accelerator: card number `card` of its node and kind, from eighth `eighth` on.

    Cards of one kind on one node are numbered from 0; the numbers last. A slice of s thousandths takes s / 125 eighths and
    begins at a multiple of that, so a whole card begins at eighth 0.
    """

    card: int
    eighth: int

    @property
    def number(self) -> int:
        """The eighth counted over all cards, as the columns of a plan hold it."""
        return EIGHTHS * self.card + self.eighth

    @staticmethod
    def of(number: int) -> Slot:
        """The slot of an eighth counted over all cards."""
        return Slot(*divmod(number, EIGHTHS))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one shard runs, on what, and which way its traffic goes. Entities are named by their ids.

    `servers` servers of `profile` run on `node`; `cards` says on which part of which card each of them is (empty: nobody has
    said; none at all for a profile without an accelerator). The traffic takes the links `route` in order from the entry
    node of the workload's access, and the reply takes them back. A server takes up to `batch_limit` requests at once (0:
    the batch size with the least time at the 99th percentile).

    A placement without a `profile` says no more than that the shard is known to run on `node`.
    """

    workload: str
    shard: int
    node: str
    profile: str = ""
    servers: int = 0
    cards: tuple[Slot, ...] = ()
    route: tuple[str, ...] = ()
    batch_limit: int = 0
    role: Role = Role.PRIMARY

    @property
    def whole(self) -> bool:
        """Whether it says on what the shard runs, not only where."""
        return bool(self.profile)
