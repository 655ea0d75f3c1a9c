"""Generations, entities and their history in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, tuple_, update

from app.store.records import Body, ChangeRow, EntityRow, PageQuery, columns_of
from app.store.signing import Signing
from app.store.tables import change, entity, generation, reference

#: Ids in one IN list; both databases take more, drivers differ in how many.
CHUNK = 500


def cut_rows(
    query: Select[Any], cut: PageQuery, key: ColumnElement[Any], columns: dict[str, ColumnElement[Any]]
) -> Select[Any]:
    """Limit `query` to the page `cut`: `key` breaks ties, `columns` are what may be filtered and sorted by."""
    for name, value in cut.equal:
        query = query.where(columns[name] == value)
    if cut.sort == "id":
        order: list[ColumnElement[Any]] = [key]
        last: tuple[Any, ...] = (cut.after[1],) if cut.after else ()
    else:
        order = [func.coalesce(columns[cut.sort], 0 if cut.numeric else ""), key]
        last = cut.after or ()
    if last:
        here = tuple_(*order)
        query = query.where(here < last if cut.descending else here > last)
    return query.order_by(*(column.desc() if cut.descending else column for column in order)).limit(cut.limit)


class SqlGenerations:
    """See :class:`app.store.sections.Generations`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def now(self) -> int:
        return self.of("all")

    def of(self, part: str) -> int:
        found = self._db.execute(select(generation.c.generation).where(generation.c.part == part)).scalar()
        return int(found or 0)

    def advance(self, parts: Iterable[str]) -> int:
        number = self.now() + 1
        for part in ("all", *parts):
            changed = self._db.execute(
                update(generation).where(generation.c.part == part).values(generation=number)
            ).rowcount
            if not changed:
                self._db.execute(insert(generation).values(part=part, generation=number))
        return number


class SqlEntities:
    """See :class:`app.store.sections.Entities`."""

    def __init__(self, connection: Connection, signing: Signing) -> None:
        self._db = connection
        self._signing = signing

    def get(self, kind: str, id: str) -> EntityRow | None:
        row = self._db.execute(select(entity).where(entity.c.kind == kind, entity.c.id == id)).one_or_none()
        return None if row is None else _row(row)

    def page(self, kind: str, cut: PageQuery) -> list[EntityRow]:
        wanted = dict(cut.equal) | {cut.sort: 0 if cut.numeric else ""}
        columns = {name: _field(name, value) for name, value in wanted.items()}
        query = cut_rows(select(entity).where(entity.c.kind == kind), cut, entity.c.id, columns)
        return [_row(row) for row in self._db.execute(query)]

    def bodies(self, kind: str, ids: Sequence[str] | None = None) -> list[Body]:
        query = select(entity.c.body).where(entity.c.kind == kind).order_by(entity.c.id)
        if ids is None:
            return list(self._db.execute(query).scalars().all())
        found: list[Body] = []
        ordered = sorted(set(ids))
        for start in range(0, len(ordered), CHUNK):
            found += self._db.execute(query.where(entity.c.id.in_(ordered[start : start + CHUNK]))).scalars()
        return found

    def revisions(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        query = select(entity.c.id, entity.c.revision).where(entity.c.kind == kind)
        found: dict[str, int] = {}
        for start in range(0, len(ids), CHUNK):
            rows = self._db.execute(query.where(entity.c.id.in_(ids[start : start + CHUNK])))
            found |= {row.id: row.revision for row in rows}
        return found

    def count(self, kind: str) -> int:
        return int(self._db.execute(select(func.count()).select_from(entity).where(entity.c.kind == kind)).scalar_one())

    def tally(self, kind: str, field: str) -> dict[str, int]:
        word = entity.c.body[field].as_string().label("word")
        rows = self._db.execute(select(word, func.count().label("n")).where(entity.c.kind == kind).group_by("word"))
        return {row.word: int(row.n) for row in rows}

    def existing(self, kind: str, ids: Iterable[str]) -> set[str]:
        column = entity.c.id
        query: Select[Any] = select(entity.c.id).where(entity.c.kind == kind)
        if kind == "models":
            column = reference.c.target
            query = select(reference.c.target).where(reference.c.kind == "profiles", reference.c.target_kind == "models")
        found: set[str] = set()
        ordered = sorted(set(ids))
        for start in range(0, len(ordered), CHUNK):
            found.update(self._db.execute(query.where(column.in_(ordered[start : start + CHUNK]))).scalars())
        return found

    def named_by(self, kind: str, id: str, limit: int) -> list[tuple[str, str]]:
        rows = self._db.execute(
            select(reference.c.kind, reference.c.id)
            .where(reference.c.target_kind == kind, reference.c.target == id)
            .order_by(reference.c.kind, reference.c.id)
            .limit(limit)
        )
        return [(row.kind, row.id) for row in rows]

    def dangling(self, limit: int) -> list[tuple[str, str, str, str]]:
        target = entity.alias()
        lost = (
            select(reference)
            .outerjoin(target, (target.c.kind == reference.c.target_kind) & (target.c.id == reference.c.target))
            .where(target.c.id.is_(None), reference.c.target_kind != "models")
            .order_by(reference.c.kind, reference.c.id)
            .limit(limit)
        )
        profile = reference.alias()
        unrun = (
            select(reference)
            .outerjoin(
                profile,
                (profile.c.kind == "profiles")
                & (profile.c.target_kind == "models")
                & (profile.c.target == reference.c.target),
            )
            .where(reference.c.target_kind == "models", reference.c.kind == "workloads", profile.c.id.is_(None))
            .order_by(reference.c.kind, reference.c.id)
            .limit(limit)
        )
        rows = [*self._db.execute(lost), *self._db.execute(unrun)]
        return [(row.kind, row.id, row.target_kind, row.target) for row in rows][:limit]

    def put_all(self, rows: Sequence[EntityRow], names: Sequence[tuple[str, str, str, str]]) -> None:
        if rows:
            self._db.execute(insert(entity), [self._signing.owned(columns_of(row)) for row in rows])
        if names:
            self._db.execute(
                insert(reference),
                [
                    self._signing.owned({"kind": kind, "id": id, "target_kind": target_kind, "target": target})
                    for kind, id, target_kind, target in dict.fromkeys(names)
                ],
            )

    def delete(self, kind: str, id: str) -> None:
        self._db.execute(delete(entity).where(entity.c.kind == kind, entity.c.id == id))
        self._db.execute(delete(reference).where(reference.c.kind == kind, reference.c.id == id))

    def discard(self, kind: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            self._db.execute(delete(entity).where(entity.c.kind == kind, entity.c.id.in_(some)))
            self._db.execute(delete(reference).where(reference.c.kind == kind, reference.c.id.in_(some)))


class SqlChanges:
    """See :class:`app.store.sections.Changes`."""

    def __init__(self, connection: Connection, signing: Signing) -> None:
        self._db = connection
        self._signing = signing

    def note(self, rows: Iterable[ChangeRow]) -> None:
        noted = [self._signing.signed(columns_of(row)) for row in rows]
        if noted:
            self._db.execute(insert(change), noted)

    def page(
        self, since: int, kind: str | None, id: str | None, after: tuple[int, int] | None, limit: int
    ) -> list[ChangeRow]:
        query = select(change).where(change.c.generation > since)
        if kind is not None:
            query = query.where(change.c.kind == kind)
        if id is not None:
            query = query.where(change.c.id == id)
        if after is not None:
            query = query.where(tuple_(change.c.generation, change.c.ordinal) > after)
        query = query.order_by(change.c.generation, change.c.ordinal).limit(limit)
        return [ChangeRow(**row._mapping) for row in self._db.execute(query)]


def _row(row: Row[Any]) -> EntityRow:
    return EntityRow(row.kind, row.id, row.generation, row.revision, row.body)


def _field(name: str, value: str | int | bool) -> ColumnElement[Any]:
    """The field `name` of the stored documents, as the type of `value`."""
    if name == "id":
        return entity.c.id
    found: ColumnElement[Any] = entity.c.body[name].as_string()
    if isinstance(value, bool):
        found = entity.c.body[name].as_boolean()
    elif isinstance(value, int):
        found = entity.c.body[name].as_integer()
    return found
