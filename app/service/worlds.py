"""The picture of everything stored at one generation: read, packed to be kept, unpacked."""

from __future__ import annotations

import zlib
from functools import lru_cache
from weakref import WeakKeyDictionary

from app.service.money import money_of
from app.store.port import Session, Store
from app.store.records import columns_of
from app.texts import clean_json
from app.world.stored import World


def read_world(session: Session) -> World:
    """Everything stored, as this session sees it."""
    entities, summary = session.entities, session.allocation.summary()
    return World.model_validate(
        {
            "generation": session.generations.now(),
            "nodes": entities.bodies("nodes"),
            "links": entities.bodies("links"),
            "sites": entities.bodies("sites"),
            "accesses": entities.bodies("accesses"),
            "accelerators": entities.bodies("accelerators"),
            "profiles": entities.bodies("profiles"),
            "policies": entities.bodies("policies"),
            "workloads": entities.bodies("workloads"),
            "running": [columns_of(row) for row in session.allocation.running()],
            "displaced": session.allocation.displaced(),
            "money": money_of(session),
            "terms_in_force": None if summary is None else summary.terms,
        }
    )


def newest_world(store: Store) -> World:
    """Everything stored now. The last picture is kept in memory for as long as its generation is the newest."""
    with store.reading() as session:
        newest = session.generations.now()
        kept = _kept.get(store)
        if kept is None or kept.generation != newest:
            kept = _kept[store] = read_world(session)
        return kept


def world_at(store: Store, generation: int) -> World | None:
    """Everything stored at a generation that a plan was made from; None if it is not kept."""
    with store.reading() as session:
        if session.generations.now() != generation:
            body = session.plans.snapshot(generation)
            return None if body is None else unpack(body)
    return newest_world(store)


def pack(world: World) -> bytes:
    """A picture as bytes to keep."""
    return zlib.compress(world.model_dump_json(exclude_defaults=True).encode(), level=1)


@lru_cache(maxsize=2)
def unpack(body: bytes) -> World:
    """A picture from the bytes it was kept as."""
    return World.model_validate_json(clean_json(zlib.decompress(body)))


_kept: WeakKeyDictionary[Store, World] = WeakKeyDictionary()
