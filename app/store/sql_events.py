"""What happened lately, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from app.store.records import EventRow, columns_of
from app.store.signing import Signing
from app.store.tables import event


class SqlEvents:
    """See :class:`app.store.sections.Events`."""

    def __init__(self, connection: Connection, signing: Signing, kept: int) -> None:
        self._db = connection
        self._signing = signing
        self._kept = kept

    def add(self, row: EventRow) -> None:
        values = {name: value for name, value in self._signing.signed(columns_of(row)).items() if name != "id"}
        id = self._db.execute(insert(event).values(**values).returning(event.c.id)).scalar_one()
        self._db.execute(delete(event).where(event.c.id <= id - self._kept))

    def page(self, after: int, types: Sequence[str], plan: str | None, limit: int) -> list[EventRow]:
        query = _such(types, plan).where(event.c.id > after)
        return [EventRow(**row._mapping) for row in self._db.execute(query.order_by(event.c.id).limit(limit))]

    def newest(self, types: Sequence[str], plan: str | None, limit: int, before: int | None = None) -> list[EventRow]:
        query = _such(types, plan)
        if before is not None:
            query = query.where(event.c.id < before)
        rows = self._db.execute(query.order_by(event.c.id.desc()).limit(limit))
        return [EventRow(**row._mapping) for row in rows][::-1]

    def span(self) -> tuple[int, int]:
        ends = (select(end(event.c.id)).scalar_subquery() for end in (func.min, func.max))
        oldest, newest = self._db.execute(select(*ends)).one()
        return int(oldest or 1), int(newest or 0)


def _such(types: Sequence[str], plan: str | None) -> Select[Any]:
    query = select(event)
    if types:
        query = query.where(event.c.type.in_(types))
    if plan is not None:
        query = query.where(event.c.plan == plan)
    return query
