"""What changes from one set of placements to another: the one place that names it.

Applying a plan, comparing plans and telling what happened all use these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from solver.facts.placement import Placement

#: What becomes of a shard:
#:
#: * ``placed``: it ran nowhere and runs now;
#: * ``moved``: it runs on another node;
#: * ``resized``: it runs on the same node under another profile, on other servers, on other cards or over another route;
#: * ``kept``: it stays as it is (though its batch limit may change, which disturbs nobody), or runs nowhere as before;
#: * ``unplaced``: it is decided about for the first time and runs nowhere;
#: * ``ended``: it ran and runs no more.
Action: TypeAlias = Literal["placed", "moved", "resized", "kept", "unplaced", "ended"]

ACTIONS: tuple[Action, ...] = ("placed", "moved", "resized", "kept", "unplaced", "ended")

#: A shard: its workload's id and its number.
Shard: TypeAlias = tuple[str, int]

#: Where shards run; None where one is known and runs nowhere.
Placed: TypeAlias = Mapping[Shard, Placement | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one shard. `before` and `after` are None where it runs nowhere."""

    shard: Shard
    action: Action
    before: Placement | None
    after: Placement | None

    @property
    def moves(self) -> bool:
        """Whether something that ran, and still does, is changed: that has the price of a move."""
        return self.action in ("moved", "resized")


def difference(before: Placed, after: Placed) -> list[Change]:
    """What becomes of every shard that either side knows, in the order of workloads and shards.

    A shard that `after` does not know ends. Who asks about a part of what runs gives no more than that part as `before`.
    """
    found = []
    for shard in sorted(before.keys() | after.keys()):
        was, now = before.get(shard), after.get(shard)
        if was is None and now is None and shard not in after:
            continue
        known = shard in before
        found.append(Change(shard, action_of(was, now, known), was, now))
    return found


def action_of(was: Placement | None, now: Placement | None, known: bool = True) -> Action:
    """What becomes of a shard; `known` says whether it was decided about before.

    What nobody has said about a placement (on what it runs, or on which cards) makes no difference to one that says it.
    """
    if now is None:
        return "ended" if was is not None else "kept" if known else "unplaced"
    if was is None:
        return "placed"
    if was.node != now.node:
        return "moved"
    if not (was.whole and now.whole):
        return "kept"
    cut = set(was.cards) != set(now.cards) and bool(was.cards) and bool(now.cards)
    same = (was.profile, was.servers, was.route) == (now.profile, now.servers, now.route)
    return "kept" if same and not cut else "resized"


def by_shard(placements: Iterable[Placement]) -> dict[Shard, Placement | None]:
    """Placements by the shard that each is of."""
    return {(one.workload, one.shard): one for one in placements}
