"""Priorities of solves, and what was answered to requests with an idempotency key"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("priority", sa.Integer(), nullable=False, server_default="1"))
    op.drop_index("ix_job_state_submitted_ms", table_name="job")
    op.create_index("ix_job_state_priority_submitted_ms", "job", ["state", "priority", "submitted_ms"])
    op.create_table(
        "answered",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answered")),
    )
    op.create_index(op.f("ix_answered_at_ms"), "answered", ["at_ms"])


def downgrade() -> None:
    op.drop_table("answered")
    op.drop_index("ix_job_state_priority_submitted_ms", table_name="job")
    op.create_index("ix_job_state_submitted_ms", "job", ["state", "submitted_ms"])
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_column("priority")
