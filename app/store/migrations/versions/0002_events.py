"""Events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=True),
        sa.Column("plan", sa.String(length=36), nullable=True),
        sa.Column("node", sa.String(length=128), nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    # Writers take turns at this row; where nothing has been stored yet it was missing.
    op.execute(
        "INSERT INTO generation (part, generation) "
        "SELECT 'all', 0 WHERE NOT EXISTS (SELECT 1 FROM generation WHERE part = 'all')"
    )


def downgrade() -> None:
    op.drop_table("event")
