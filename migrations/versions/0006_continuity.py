"""continuity"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("installation", sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisations", sa.Column("mailings", sa.Integer(), server_default="0", nullable=False))
    op.add_column("contacts", sa.Column("asked_for_doubt", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mail_events", sa.Column("recipient", sa.String(length=64), nullable=True))
    op.create_index("ix_mail_events_recipient", "mail_events", ["recipient"])


def downgrade() -> None:
    op.drop_index("ix_mail_events_recipient", "mail_events")
    op.drop_column("mail_events", "recipient")
    op.drop_column("contacts", "asked_for_doubt")
    op.drop_column("organisations", "mailings")
    op.drop_column("installation", "doubted_at")
    op.drop_column("installation", "ticked_at")
