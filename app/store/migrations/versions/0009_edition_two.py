"""Accounts are structured"""

from __future__ import annotations

from alembic import op

from app.store.migrations.carry.accounts import downgrade_accounts, upgrade_accounts

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    upgrade_accounts(op.get_bind())


def downgrade() -> None:
    downgrade_accounts()
