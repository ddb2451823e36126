"""how customers like to hear from us, and how not"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_STANDS = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "channel_wishes",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("wish", sa.String(length=32), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", Instant, nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_channel_wishes_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_channel_wishes_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", "channel", name="pk_channel_wishes"),
    )
    op.create_index(
        "ix_channel_wishes_wished",
        "channel_wishes",
        ["organisation_id", "contact_id"],
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )
    row_security.protect(op.get_bind(), "channel_wishes")


def downgrade() -> None:
    op.drop_table("channel_wishes")
