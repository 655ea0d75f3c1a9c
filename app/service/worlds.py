"""The picture of everything stored at one generation: read, kept, packed to be stored, unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.identity.caller import Caller
from app.schemas.documents import DOCUMENTS, KINDS
from app.schemas.entities import Entity
from app.schemas.requests import Terms
from app.service.money import money_of
from app.store.port import Session, Store
from app.store.records import AllocationRow, EntityRow, PageQuery, columns_of
from app.texts import clean_json
from app.world.running import RunningShard
from app.world.stored import World

#: More than there are entities of a kind, as the length of a page that holds all.
_ALL = 2**31
#: A kind is read whole once more than this share of it has changed: names one by one are dearer.
_MOST_CHANGED = 0.25


@dataclass(frozen=True, slots=True)
class _Kept:
    """A picture, the revisions of its entities by kind and id, and the generation of the allocation that it shows."""

    world: World
    revisions: dict[str, dict[str, int]]
    allocation: int


class Worlds:
    """The last picture of one store that a process has read, and the rows of the allocation, kept in memory.

    Of a newer generation only what has been changed is read and checked, entity by entity; all else is taken from the
    picture before, as the same objects. A change that has been taken back is never kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: _Kept | None = None
        #: The generation of the allocation, and its rows then.
        self._rows: tuple[int, Sequence[AllocationRow]] | None = None
        #: What a transaction that is not committed yet makes of the rows: (its session, its generation, the rows).
        self._written: tuple[Session, int, Sequence[AllocationRow]] | None = None
        #: A picture from the bytes it was kept as; the last ones asked for.
        self.unpack = lru_cache(maxsize=2)(unpack)

    def newest(self) -> World:
        """Everything stored now."""
        with self._store.reading() as session:
            return self._newest(session).world

    def entities(self, session: Session) -> World:
        """Everything stored, as a session sees it that has written nothing; but what runs may be that of an earlier
        generation. For those who take that from the rows: a nation's are a hundred thousand."""
        return self._read(session).world

    def at(self, generation: int) -> World | None:
        """Everything stored at a generation that a plan was made from; None if it is not kept."""
        with self._store.reading() as session:
            if session.generations.now() != generation:
                body = session.plans.snapshot(generation)
                return None if body is None else self.unpack(body)
        return self.newest()

    def rows(self, session: Session) -> Sequence[AllocationRow]:
        """The rows of the allocation, as a session sees them that has not written any."""
        generation, kept = session.generations.of("allocation"), self._rows
        if kept is None or kept[0] != generation:
            # Another thread may keep the rows of another generation meanwhile: what is returned is what was read here.
            kept = self._rows = generation, tuple(session.allocation.rows())
        return kept[1]

    def changed(self, session: Session, documents: Iterable[str]) -> tuple[World, World]:
        """Everything stored before a change, and with what a session has written of these documents; of what runs see
        :meth:`entities`."""
        with self._store.reading() as before:
            kept = self._read(before)
        found: dict[str, Any] = {}
        for kind in (kind for document in documents for kind in DOCUMENTS[document]):
            found[kind], _ = _entities_now(session, kind, kept)
        return kept.world, kept.world.with_parts(found)

    @contextmanager
    def writing(self, caller: Caller) -> Iterator[Session]:
        """A transaction that writes, as the store's own; what it says it makes of the rows is kept once it is committed."""
        with self._store.writing(caller) as session:
            yield session
        written, self._written = self._written, None
        if written is not None and written[0] is session:
            self._rows = written[1:]

    def will_be(self, session: Session, generation: int, rows: Sequence[AllocationRow]) -> None:
        """Take note of the rows of the allocation as they are once a session is committed, which makes a generation."""
        self._written = session, generation, rows

    def _newest(self, session: Session) -> _Kept:
        kept = self._read(session)
        generation = session.generations.of("allocation")
        if kept.allocation != generation:
            kept = self._kept = replace(kept, world=kept.world.with_parts(_allocation(session)), allocation=generation)
        return kept

    def _read(self, session: Session) -> _Kept:
        now, kept = session.generations.now(), self._kept
        if kept is None or kept.world.generation > now:
            # A store that has fewer generations than the picture is another one.
            self._rows = None
            kept = self._kept = _whole(session)
        elif kept.world.generation != now:
            kept = self._kept = _newer(session, kept, now)
        return kept


def read_world(session: Session) -> World:
    """Everything stored, as this session sees it."""
    return _whole(session).world


def pack(world: World) -> bytes:
    """A picture as bytes to keep."""
    return zlib.compress(world.model_dump_json(exclude_defaults=True).encode(), level=1)


def unpack(body: bytes) -> World:
    """A picture from the bytes it was kept as."""
    return World.model_validate_json(clean_json(zlib.decompress(body)))


def _whole(session: Session) -> _Kept:
    found: dict[str, Any] = {"generation": session.generations.now(), "money": money_of(session)}
    revisions: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        rows = _rows_of(session, kind)
        found[kind] = [row.body for row in rows]
        revisions[kind] = {row.id: row.revision for row in rows}
    world = World.model_validate({**found, **_allocation(session)})
    return _Kept(world, revisions, session.generations.of("allocation"))


def _newer(session: Session, kept: _Kept, now: int) -> _Kept:
    """A picture brought up to a newer generation, but for what runs."""
    found: dict[str, Any] = {"generation": now}
    revisions = dict(kept.revisions)
    for document, kinds in DOCUMENTS.items():
        if session.generations.of(document) > kept.world.generation:
            for kind in kinds:
                found[kind], revisions[kind] = _entities_now(session, kind, kept)
    if session.generations.of("network") > kept.world.generation:
        found["money"] = money_of(session)
    return _Kept(kept.world.with_parts(found), revisions, kept.allocation)


def _entities_now(session: Session, kind: str, kept: _Kept) -> tuple[tuple[Entity, ...], dict[str, int]]:
    """The entities of a kind as a session sees them, and their revisions, which no other version of one of them has."""
    before: tuple[Entity, ...] = getattr(kept.world, kind)
    known = kept.revisions[kind]
    now = session.entities.revisions(kind, list(known))
    changed = [id for id, revision in now.items() if revision != known[id]]
    if len(now) == len(known) == session.entities.count(kind) and len(changed) <= _MOST_CHANGED * len(known):
        if not changed:
            return before, known
        fresh = {body["id"]: KINDS[kind].model_validate(body) for body in session.entities.bodies(kind, changed)}
        return tuple(fresh.get(entity.id, entity) for entity in before), now
    rows, same = _rows_of(session, kind), {entity.id: entity for entity in before}
    entities = tuple(
        same[row.id] if known.get(row.id) == row.revision else KINDS[kind].model_validate(row.body) for row in rows
    )
    return entities, {row.id: row.revision for row in rows}


def _rows_of(session: Session, kind: str) -> list[EntityRow]:
    return session.entities.page(kind, PageQuery(_ALL))


def _allocation(session: Session) -> dict[str, Any]:
    """What runs, the shards without a place, and the terms in force."""
    summary = session.allocation.summary()
    terms = None if summary is None else summary.terms
    return {
        "running": tuple(RunningShard.model_validate(columns_of(row)) for row in session.allocation.running()),
        "displaced": tuple(session.allocation.displaced()),
        "terms_in_force": None if terms is None else Terms.model_validate(terms),
    }
