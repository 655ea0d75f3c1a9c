"""What each change of the allocation replaced, so that it can be gone back to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON(none_as_null=True)
_COUNTED = ("placed", "moved", "resized", "ended", "unplaced")
_record = sa.table(
    "allocation_record",
    sa.column("generation", sa.BigInteger),
    sa.column("at_ms", sa.BigInteger),
    sa.column("plan_id", sa.String),
    sa.column("name", sa.String),
    sa.column("counts", _DOCUMENT),
)
_plan = sa.table(
    "plan",
    sa.column("id", sa.String),
    sa.column("applied_generation", sa.BigInteger),
    sa.column("applied", _DOCUMENT),
    sa.column("brief", _DOCUMENT),
)
_event = sa.table(
    "event", sa.column("type", sa.String), sa.column("generation", sa.BigInteger), sa.column("at_ms", sa.BigInteger)
)


def upgrade() -> None:
    op.create_table(
        "allocation_record",
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=True),
        sa.Column("plan_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("counts", _DOCUMENT, nullable=False),
        sa.Column("replaced", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("generation", name=op.f("pk_allocation_record")),
    )
    connection = op.get_bind()
    told = sa.select(_event.c.generation, _event.c.at_ms).where(_event.c.type == "plan.applied")
    at = {row.generation: row.at_ms for row in connection.execute(told)}
    for plan in list(connection.execute(sa.select(_plan).where(_plan.c.applied_generation.is_not(None)))):
        applied = plan.applied or {}
        connection.execute(
            sa.insert(_record).values(
                generation=plan.applied_generation,
                at_ms=at.get(plan.applied_generation),
                plan_id=plan.id,
                name=plan.brief.get("name"),
                counts={name: applied[name] for name in _COUNTED if applied.get(name)},
            )
        )


def downgrade() -> None:
    op.drop_table("allocation_record")
