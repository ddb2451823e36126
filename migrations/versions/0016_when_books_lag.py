"""when the books lag, and when the ledger was last asked about its own reminders"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organisations",
        sa.Column("when_books_lag", sa.String(length=32), nullable=False, server_default="ask"),
    )
    op.add_column("organisations", sa.Column("reminders_asked_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("organisations", "reminders_asked_on")
    op.drop_column("organisations", "when_books_lag")
