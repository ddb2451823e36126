"""quotes: what customers have accepted, to be confirmed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json, Money

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quotes",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ledger_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("total_tax", Money(), nullable=False),
        sa.Column("total", Money(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("accepted_at", Instant, nullable=True),
        sa.Column("confirmation_id", sa.String(length=32), nullable=True),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("pdf_of", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_quotes_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_quotes_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_quotes"),
    )
    op.create_index("ix_quotes_organisation_id_contact_id", "quotes", ["organisation_id", "contact_id"])
    row_security.protect(op.get_bind(), "quotes")


def downgrade() -> None:
    op.drop_table("quotes")
