"""Answers to requests with a key in SQL."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from app.store.records import AnswerRow, columns_of
from app.store.tables import answered


class SqlAnswers:
    """See :class:`app.store.sections.Answers`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def get(self, key: str) -> AnswerRow | None:
        row = self._db.execute(select(answered).where(answered.c.key == key)).one_or_none()
        return None if row is None else AnswerRow(**row._mapping)

    def add(self, row: AnswerRow) -> None:
        self._db.execute(insert(answered), [columns_of(row)])

    def change(self, key: str, status: int, body: bytes) -> None:
        self._db.execute(update(answered).where(answered.c.key == key).values(status=status, body=body))

    def forget(self, before_ms: int) -> None:
        self._db.execute(delete(answered).where(answered.c.at_ms < before_ms))
