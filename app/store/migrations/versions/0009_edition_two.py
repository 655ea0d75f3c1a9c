"""Whose everything is and who did it, a revision for each entity, structured accounts and money"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from app.store.migrations.carry.accounts import downgrade_accounts, upgrade_accounts
from app.store.migrations.carry.money import upgrade_money

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: What carries the contents of the tables over, in this order, before any table is changed.
_CARRIED: tuple[Callable[[sa.Connection], None], ...] = (upgrade_accounts, upgrade_money)

#: Tables whose keys are a caller's to choose: their key as it was, and with the tenant in it.
_KEYS = {
    "entity": (["kind", "id"], ["kind", "id", "tenant"]),
    "reference": (["kind", "id", "target_kind", "target"], ["kind", "id", "target_kind", "target", "tenant"]),
    "answered": (["key"], ["tenant", "key"]),
    "allocation": (["key"], ["key", "tenant"]),
}
#: Tables with ids that the service gives.
_OWNED = ("change", "plan", "decision", "allocation_change", "allocation_record", "usage", "event")
#: Tables that note who did something.
_SIGNED = ("change", "plan", "allocation_change", "allocation_record", "event")


def upgrade() -> None:
    connection = op.get_bind()
    for carry in _CARRIED:
        carry(connection)
    # A column with a constant default costs nothing, however many rows there are; a new key rewrites its table.
    for table in (*_KEYS, *_OWNED):
        op.add_column(table, sa.Column("tenant", sa.String(length=64), nullable=False, server_default="operator"))
    for table in _SIGNED:
        op.add_column(table, sa.Column("actor", sa.String(length=64), nullable=False, server_default="local"))
    op.add_column("entity", sa.Column("revision", sa.BigInteger(), nullable=True))
    op.add_column("change", sa.Column("revision", sa.BigInteger(), nullable=True))
    # Until now the tag of an entity was the generation that last changed it. Clients hold such tags.
    op.execute("UPDATE entity SET revision = generation")
    op.execute("UPDATE change SET revision = generation WHERE id <> '*' AND action <> 'deleted'")
    for table, (_, key) in _KEYS.items():
        _rekey(table, key)


def downgrade() -> None:
    """Make the tables as they were. Fields of money keep their names: an older version reads the backup made before."""
    for table, (key, _) in _KEYS.items():
        _rekey(table, key)
    for table, column in (
        ("change", "revision"),
        *((table, "actor") for table in _SIGNED),
        *((table, "tenant") for table in _OWNED),
    ):
        op.drop_column(table, column)
    downgrade_accounts()


def _rekey(table: str, key: list[str]) -> None:
    """Give a table another primary key; what is not in it of tenant and revision is dropped on the way down."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(f"pk_{table}", type_="primary")
        batch_op.create_primary_key(f"pk_{table}", key)
        if "tenant" not in key:
            batch_op.drop_column("tenant")
        if table == "entity":
            if "tenant" in key:
                batch_op.alter_column("revision", existing_type=sa.BigInteger(), nullable=False)
            else:
                batch_op.drop_column("revision")
