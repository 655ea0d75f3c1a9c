"""What a shard that runs stands on: its node, its profile, and its way there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.world.stored import World


class Ground(Protocol):
    """What says where a shard runs, and over which links: a row, or a placement."""

    @property
    def workload(self) -> str: ...
    @property
    def node(self) -> str | None: ...
    @property
    def profile(self) -> str | None: ...
    @property
    def route(self) -> Sequence[str]: ...


def missing_in(world: World) -> Callable[[Ground], tuple[str, str] | None]:
    """Answers for a row what of its ground is not there in a world, as (what, id); None where all is, or where the shard
    itself is no more."""
    nodes, profiles = {node.id for node in world.nodes}, {profile.id for profile in world.profiles}
    ends = {link.id: (link.source, link.target) for link in world.links}
    entry = {access.id: access.node for access in world.accesses}
    first = {workload.id: entry.get(workload.access) for workload in world.workloads}

    def missing(row: Ground) -> tuple[str, str] | None:
        if row.workload not in first:
            return None
        if row.node not in nodes:
            return "node", row.node or ""
        if row.profile not in profiles:
            return "profile", row.profile or ""
        here = first[row.workload]
        for link in row.route:
            if link not in ends:
                return "link", link
            one, other = ends[link]
            here = other if here == one else one if here == other else None
        return None if here == row.node else ("the route to node", row.node or "")

    return missing
