"""the event feed: what other programs are told of"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_UNNUMBERED = sa.text("position IS NULL")


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("numbered", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_feeds_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_feeds"),
    )
    op.create_table(
        "feed_events",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        sa.Column("invoice_ids", Json, nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_feed_events_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_feed_events_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_feed_events"),
        sa.UniqueConstraint("organisation_id", "position", name="uq_feed_events_organisation_id_position"),
    )
    op.create_index(
        "ix_feed_events_unnumbered",
        "feed_events",
        ["organisation_id", "created_at"],
        sqlite_where=_UNNUMBERED,
        postgresql_where=_UNNUMBERED,
    )
    op.create_index(
        "ix_feed_events_organisation_id_created_at", "feed_events", ["organisation_id", "created_at"]
    )
    for table in ("feeds", "feed_events"):
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("feed_events")
    op.drop_table("feeds")
