"""mailboxes of senders in which answers are looked for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailbox_readings",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("sender_id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("switched_on_by", sa.Text(), nullable=False),
        sa.Column("places", Json, nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_mailbox_readings_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "sender_id"],
            ["senders.organisation_id", "senders.id"],
            name="fk_mailbox_readings_organisation_id_sender_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "sender_id", name="pk_mailbox_readings"),
    )
    op.create_index("ix_mailbox_readings_next_at", "mailbox_readings", ["next_at"])
    row_security.protect(op.get_bind(), "mailbox_readings")


def downgrade() -> None:
    op.drop_table("mailbox_readings")
