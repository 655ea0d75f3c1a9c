"""The picture of everything stored at one generation: read, packed to be kept, unpacked."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from app.schemas.documents import DOCUMENTS
from app.service.money import money_of
from app.store.port import Session, Store
from app.store.records import columns_of
from app.texts import clean_json
from app.world.stored import World


def read_world(session: Session, before: World | None = None) -> World:
    """Everything stored, as this session sees it.

    `before` is an earlier picture of the same store: only the parts that have been changed since are read and checked anew.
    """

    def changed(part: str) -> bool:
        return before is None or session.generations.of(part) > before.generation

    found: dict[str, Any] = {} if before is None else {name: getattr(before, name) for name in World.model_fields}
    found["generation"] = session.generations.now()
    for document in filter(changed, DOCUMENTS):
        found.update((kind, session.entities.bodies(kind)) for kind in DOCUMENTS[document])
    if changed("network"):
        found["money"] = money_of(session)
    if changed("allocation"):
        summary = session.allocation.summary()
        found["running"] = [columns_of(row) for row in session.allocation.running()]
        found["displaced"] = session.allocation.displaced()
        found["terms_in_force"] = None if summary is None else summary.terms
    return World.model_validate(found)


def newest_world(store: Store) -> World:
    """Everything stored now. The last picture is kept in memory, and what has not changed since is taken from it."""
    with store.reading() as session:
        newest = session.generations.now()
        kept = _kept.get(store)
        if kept is None or kept.generation != newest:
            # A store that has fewer generations than the picture is another one.
            kept = _kept[store] = read_world(session, kept if kept is not None and kept.generation < newest else None)
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
