"""Accounts named by keys become structured: in the uses of plans, in their results, and in the summary of the allocation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.store.former import result_structured, summary_structured
from solver.rules.account import text_of
from solver.rules.former import account_of

#: Rows that are read and written at once.
_AT_ONCE = 2_000

_DOCUMENT = sa.JSON(none_as_null=True)
_NAMES = ("plan_id", "rule", "key", "resource", "unit", "used", "capacity")


def upgrade_accounts(connection: sa.Connection) -> None:
    """Give each use a subject and codes, and the canonical text as its key; and the documents that name uses the same.

    The table of uses is built anew, as its key gets longer; that takes one pass over it.
    """
    op.rename_table("usage", "usage_former")
    if connection.dialect.name == "postgresql":
        # The name of a constraint is one of the whole schema there.
        op.execute("ALTER TABLE usage_former RENAME CONSTRAINT pk_usage TO pk_usage_former")
    _create_usage(1000, sa.Column("subject", _DOCUMENT, nullable=False))
    former = sa.table("usage_former", *map(sa.column, _NAMES))
    structured = sa.table("usage", *map(sa.column, _NAMES), sa.column("subject", _DOCUMENT))
    for rows in connection.execute(sa.select(former)).partitions(_AT_ONCE):
        connection.execute(sa.insert(structured), [_row(*row) for row in rows])
    op.drop_table("usage_former")
    _carry(connection, "plan", "result", result_structured)
    _carry(connection, "summary", "body", summary_structured)


def downgrade_accounts() -> None:
    """Make the table of uses as it was; how much earlier plans used is told anew when they are made anew."""
    op.drop_table("usage")
    _create_usage(200)


def _create_usage(key_length: int, *more: sa.Column[Any]) -> None:
    """Make the table of uses, with keys of so many characters at most."""
    op.create_table(
        "usage",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=key_length), nullable=False),
        sa.Column("resource", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        *more,
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "rule", "key", "resource", name=op.f("pk_usage")),
    )


def _row(plan_id: str, rule: str, key: str, resource: str, unit: str, used: int, capacity: int) -> dict[str, Any]:
    account = account_of(rule, key, resource, unit)
    return {
        "plan_id": plan_id, "rule": account.rule, "key": text_of(account.subject), "resource": account.resource,
        "unit": account.unit, "subject": dict(account.subject), "used": used, "capacity": capacity,
    }  # fmt: skip


def _carry(connection: sa.Connection, name: str, column: str, carried: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Write each document of a column as it is `carried`."""
    table = sa.table(name, sa.column("id"), sa.column(column, _DOCUMENT))
    document = table.c[column]
    for id in connection.execute(sa.select(table.c.id).where(document.is_not(None))).scalars().all():
        body = connection.execute(sa.select(document).where(table.c.id == id)).scalar_one()
        connection.execute(sa.update(table).where(table.c.id == id).values({column: carried(body)}))
