"""Requests in full beside the plans, and in brief among them"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON(none_as_null=True)
_plan = sa.table("plan", sa.column("id", sa.String), sa.column("request", _DOCUMENT), sa.column("brief", _DOCUMENT))
_request = sa.table("request", sa.column("plan_id", sa.String), sa.column("body", _DOCUMENT))


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("body", _DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_request")),
    )
    op.add_column("plan", sa.Column("brief", _DOCUMENT, nullable=True))
    connection = op.get_bind()
    for id in list(connection.execute(sa.select(_plan.c.id)).scalars()):
        asked = connection.execute(sa.select(_plan.c.request).where(_plan.c.id == id)).scalar_one()
        connection.execute(sa.insert(_request).values(plan_id=id, body=asked))
        connection.execute(sa.update(_plan).where(_plan.c.id == id).values(brief=_brief(asked)))
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.alter_column("brief", existing_type=_DOCUMENT, nullable=False)
        batch_op.drop_column("request")


def downgrade() -> None:
    op.add_column("plan", sa.Column("request", _DOCUMENT, nullable=True))
    asked = sa.select(_request.c.body).where(_request.c.plan_id == _plan.c.id).scalar_subquery()
    op.get_bind().execute(sa.update(_plan).values(request=asked))
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.alter_column("request", existing_type=_DOCUMENT, nullable=False)
        batch_op.drop_column("brief")
    op.drop_table("request")


def _brief(request: dict[str, Any]) -> dict[str, Any]:
    """As the service wrote it when this migration was made."""
    return {
        "name": request.get("name"),
        "note": request.get("note"),
        "workloads": len(request.get("workloads", ())) + len(request.get("workload_ids", ())),
        "terms": request["terms"],
        "limits": request["limits"],
    }
