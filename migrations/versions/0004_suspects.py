"""suspects: what ended its sender, and what is parked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PARKED = sa.text("substr(outcome, 1, 7) = 'parked:'")


def upgrade() -> None:
    op.add_column(
        "communications", sa.Column("interruptions", sa.Integer(), nullable=False, server_default="0")
    )
    op.execute("UPDATE inbox_events SET outcome = 'p' || substr(outcome, 2) WHERE substr(outcome, 1, 7) = 'Parked:'")
    op.create_index(
        "ix_inbox_events_parked", "inbox_events", ["source"], sqlite_where=_PARKED, postgresql_where=_PARKED
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_events_parked", "inbox_events")
    op.drop_column("communications", "interruptions")
