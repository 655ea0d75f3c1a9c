"""Fields of money under the names that they have since these are neutral of the currency."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from app.former import MARK, renewed

#: Rows that are held at a time, and of tables in which one row may be a nation's.
_MANY, _ONE = 1_000, 1

#: (table, its key, its columns of JSON that speak of money, rows that are held at a time).
_DOCUMENTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], int], ...] = (
    ("entity", ("kind", "id"), ("body",), _MANY),
    ("change", ("generation", "ordinal"), ("before", "after"), _MANY),
    ("plan", ("id",), ("brief", "applied", "result", "failure"), _ONE),
    ("request", ("plan_id",), ("body",), _ONE),
    ("event", ("id",), ("detail",), _MANY),
    ("summary", ("id",), ("body", "terms"), _ONE),
)

#: What a draft begins with: its format and its generation. The rest is compressed JSON, as is all of a snapshot.
_DRAFT_HEAD = 12


def upgrade_money(connection: sa.Connection) -> None:
    """Rename the fields in all that is stored as JSON, packed or not. What of it speaks of no money is left alone.

    Few rows are held at once. What a plan leaves to the next solve names no field.
    """
    for table, key, columns, held in _DOCUMENTS:
        for column in columns:
            _rename_texts(connection, table, key, column, held)
    _rename_bytes(connection, "snapshot", "generation", _packed)
    _rename_bytes(connection, "draft", "plan_id", _drafted)
    _rename_bytes(connection, "answered", "key", _encoded)


def _rename_texts(connection: sa.Connection, name: str, key: Sequence[str], column: str, held: int) -> None:
    # As text, and not as JSON: what is renamed is written as it was, but for the names.
    table = sa.table(name, *(sa.column(part) for part in key), sa.column(column, sa.Text))
    text = sa.cast(table.c[column], sa.Text)
    keys = [table.c[part] for part in key]
    written: sa.ColumnElement[Any] = sa.bindparam("renewed", type_=sa.Text)
    if connection.dialect.name != "sqlite":  # which keeps JSON as text, and takes the cast for one to a number
        written = sa.cast(written, sa.JSON)
    put = sa.update(table).where(*(one == sa.bindparam(f"key_{one.name}") for one in keys)).values({column: written})
    speaks = sa.select(*keys, text).where(text.like(f"%{MARK}%")).order_by(*keys).limit(held)
    some = connection.execute(speaks).all()
    while some:
        rows = [
            {**{f"key_{part}": one for part, one in zip(key, row, strict=False)}, "renewed": renewed(row[-1])}
            for row in some
        ]
        connection.execute(put, rows)
        some = connection.execute(speaks.where(sa.tuple_(*keys) > sa.tuple_(*some[-1][:-1]))).all()


def _rename_bytes(connection: sa.Connection, name: str, key: str, change: Callable[[bytes], bytes]) -> None:
    table = sa.table(name, sa.column(key), sa.column("body", sa.LargeBinary))
    for one in list(connection.execute(sa.select(table.c[key])).scalars()):
        row = table.c[key] == one
        body = bytes(connection.execute(sa.select(table.c.body).where(row)).scalar_one())
        changed = change(body)
        if changed != body:
            connection.execute(sa.update(table).where(row).values(body=changed))


def _encoded(body: bytes) -> bytes:
    try:
        return renewed(body.decode()).encode()
    except UnicodeDecodeError:
        return body


def _packed(body: bytes) -> bytes:
    try:
        text = zlib.decompress(body)
    except zlib.error:
        return body  # nobody can read it, and whoever asks for it is told so
    changed = _encoded(text)
    return body if changed == text else zlib.compress(changed, level=1)


def _drafted(body: bytes) -> bytes:
    return body[:_DRAFT_HEAD] + _packed(body[_DRAFT_HEAD:])
