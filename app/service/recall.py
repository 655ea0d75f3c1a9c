"""What the allocation was: each generation that changes what runs leaves what it replaced.

Only differences are kept, so a change costs what it touches, whatever else runs. Undoing them one after the other, the
newest first, leads from what runs now to what ran just after, or just before, any generation that is still recorded.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic_core import from_json, to_json

from app.clock import now_ms
from app.errors import NotFound, NotKept
from app.service.gc_paused import gc_paused
from app.store.port import Session
from app.store.records import Body, DecisionRow, RecordRow
from app.world.running import placement_of
from solver.facts.difference import Shard
from solver.facts.placement import Placement, Role, Slot

#: What a list of the past counts.
COUNTED = ("placed", "moved", "resized", "ended", "unplaced")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A shard that is in force without a place."""


#: How a shard was in force: placed, without a place, or not at all (None).
Stood = Placement | Waiting | None


@dataclass(frozen=True, slots=True)
class Past:
    """The allocation as it stood, where it has changed since; and the terms that were in force.

    `started` says, of what was not in force then and is now, which generation began it.
    """

    terms: Body | None
    stood: Mapping[Shard, Stood]
    started: Mapping[Shard, int]


def stood_as(row: DecisionRow | None) -> Stood:
    """How a shard is in force by its row."""
    if row is None:
        return None
    return Waiting() if row.node is None else placement_of(row)


def record(
    session: Session,
    generation: int,
    replaced: Mapping[Shard, Stood],
    counts: Mapping[str, int],
    *,
    terms: Body | None,
    plan: str | None = None,
) -> None:
    """Keep, in the transaction of a generation that changes what runs, what it replaced.

    `terms` were in force before it. A generation that only says anew whether what runs is as promised leaves nothing.
    """
    if plan is None and not replaced:
        return
    name = None if plan is None else session.plans.name(plan)
    told = {action: counts[action] for action in COUNTED if counts.get(action)}
    session.allocation.record(RecordRow(generation, now_ms(), plan, name, told), pack(replaced, terms))


def recalled(session: Session, generation: int, before: bool) -> Past:
    """The allocation as it stood just after a generation, or just `before` it.

    Raises
    ------
    NotFound
        If that generation changed nothing that runs, or is recorded no more.
    NotKept
        If what was replaced then is not kept.
    """
    kept = session.allocation.replaced(generation)
    if not kept or kept[-1][0] != generation:
        raise NotFound(f"No change of what runs is recorded for generation {generation}.")
    if kept[-1][1] is None:
        raise NotKept(f"Generation {generation} was made by a version that did not keep what ran.")
    summary = session.allocation.summary()
    terms = None if summary is None else summary.terms
    stood: dict[Shard, Stood] = {}
    started: dict[Shard, int] = {}
    for of, body in kept if before else kept[:-1]:
        if body is None:
            raise NotKept(f"Generation {of} did not keep what ran before it.")
        terms, replaced = unpack(body)
        stood |= replaced
        for shard, was in replaced.items():
            if was is None:
                started.setdefault(shard, of)
    return Past(terms, stood, started)


def pack(replaced: Mapping[Shard, Stood], terms: Body | None) -> bytes:
    """What a generation replaced, as bytes to keep."""
    placed = [here for _, here in sorted(replaced.items()) if isinstance(here, Placement)]
    body = {
        "terms": terms,
        "absent": _numbers(shard for shard, here in replaced.items() if here is None),
        "waiting": _numbers(shard for shard, here in replaced.items() if isinstance(here, Waiting)),
        # Column by column: what is alike lies together, which compresses to a third of what rows do.
        "placed": {
            "workload": [here.workload for here in placed],
            "shard": [here.shard for here in placed],
            "node": [here.node for here in placed],
            "profile": [here.profile for here in placed],
            "servers": [here.servers for here in placed],
            "cards": [here.cards for here in placed],
            "route": [here.route for here in placed],
            "batch_limit": [here.batch_limit for here in placed],
            "role": [here.role for here in placed],
        },
    }
    return zlib.compress(to_json(body), level=1)


def unpack(body: bytes) -> tuple[Body | None, dict[Shard, Stood]]:
    """The terms before a generation, and what it replaced, from the bytes that were kept."""
    with gc_paused():
        return _unpacked(body)


def _unpacked(body: bytes) -> tuple[Body | None, dict[Shard, Stood]]:
    said = from_json(zlib.decompress(body))
    found: dict[Shard, Stood] = {}
    for here, names in ((None, said["absent"]), (Waiting(), said["waiting"])):
        found |= {(workload, shard): here for workload, shards in names.items() for shard in shards}
    roles = {str(role): role for role in Role}
    for workload, shard, node, profile, servers, cards, route, batch, role in zip(*said["placed"].values(), strict=True):
        slots = tuple(Slot(card, eighth) for card, eighth in cards)
        found[workload, shard] = Placement(workload, shard, node, profile, servers, slots, tuple(route), batch, roles[role])
    return said["terms"], found


def _numbers(shards: Iterable[Shard]) -> dict[str, list[int]]:
    """The numbers of shards, by workload."""
    found: dict[str, list[int]] = {}
    for workload, shard in sorted(shards):
        found.setdefault(workload, []).append(shard)
    return found
