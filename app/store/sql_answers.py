"""Answers to requests with a key in SQL."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import Connection, delete, insert, select, update

from app.store.records import AnswerRow, columns_of
from app.store.signing import Signing
from app.store.tables import answered


class SqlAnswers:
    """See :class:`app.store.sections.Answers`."""

    def __init__(self, connection: Connection, signing: Signing) -> None:
        self._db = connection
        self._signing = signing

    def get(self, tenant: str, key: str) -> AnswerRow | None:
        columns = (answered.c[f.name] for f in fields(AnswerRow))
        query = select(*columns).where(answered.c.tenant == tenant, answered.c.key == key)
        row = self._db.execute(query).one_or_none()
        return None if row is None else AnswerRow(**row._mapping)

    def add(self, row: AnswerRow) -> None:
        self._db.execute(insert(answered), [self._signing.owned(columns_of(row))])

    def change(self, key: str, status: int, body: bytes) -> None:
        own = answered.c.tenant == self._signing.caller.tenant
        self._db.execute(update(answered).where(own, answered.c.key == key).values(status=status, body=body))

    def forget(self, before_ms: int) -> None:
        self._db.execute(delete(answered).where(answered.c.at_ms < before_ms))
