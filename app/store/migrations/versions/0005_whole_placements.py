"""Whole placements in decisions and in the allocation, and the terms in force"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON(none_as_null=True)
_PLACEMENTS = ("decision", "allocation")


def upgrade() -> None:
    for table in _PLACEMENTS:
        op.add_column(table, sa.Column("role", sa.String(length=16), nullable=False, server_default="primary"))
        op.add_column(table, sa.Column("cards", _DOCUMENT, nullable=False, server_default="[]"))
        op.add_column(table, sa.Column("batch_limit", sa.Integer(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column("disturbed", _DOCUMENT, nullable=True))
    op.add_column("allocation", sa.Column("disturbed_since", sa.BigInteger(), nullable=True))
    op.add_column("summary", sa.Column("terms", _DOCUMENT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.drop_column("terms")
    for table in _PLACEMENTS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in ("disturbed", "batch_limit", "cards", "role"):
                batch_op.drop_column(column)
            if table == "allocation":
                batch_op.drop_column("disturbed_since")
