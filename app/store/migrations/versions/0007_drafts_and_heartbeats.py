"""Drafts of plans that are being solved, and leases that count heartbeats instead of reading clocks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_draft")),
    )
    op.add_column("job", sa.Column("beat", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.alter_column("beat", server_default=None)
        batch_op.drop_column("lease_until_ms")


def downgrade() -> None:
    op.add_column("job", sa.Column("lease_until_ms", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.alter_column("lease_until_ms", server_default=None)
        batch_op.drop_column("beat")
    op.drop_table("draft")
