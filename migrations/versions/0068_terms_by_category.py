"""payment terms: the ledger's on the contact, and proposals of others by category of risk"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.types import Instant

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_UNWRITTEN = sa.text("write_pending")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("terms_kind", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("terms_days", sa.Integer(), nullable=True))
    for column in (
        sa.Column("terms", _JSON, nullable=True),
        sa.Column("terms_before", _JSON, nullable=True),
        sa.Column("write_pending", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("written_at", Instant(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", Instant(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
    ):
        op.add_column("credit_proposals", column)
    op.create_index(
        "ix_credit_proposals_unwritten",
        "credit_proposals",
        ["next_try_at", "organisation_id"],
        sqlite_where=_UNWRITTEN,
        postgresql_where=_UNWRITTEN,
    )


def downgrade() -> None:
    op.drop_index("ix_credit_proposals_unwritten", "credit_proposals")
    for name in (
        "problem", "next_try_at", "attempts", "written_at", "write_pending", "terms_before", "terms",
    ):  # fmt: skip
        op.drop_column("credit_proposals", name)
    op.drop_column("contacts", "terms_days")
    op.drop_column("contacts", "terms_kind")
