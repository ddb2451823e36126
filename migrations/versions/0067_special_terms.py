"""what was agreed with customers: a discount for paying by a day, or more days to pay"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Money

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "special_terms",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("percent", Money(), nullable=True),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("currency", sa.String(length=32), nullable=True),
        sa.Column("within_days", sa.Integer(), nullable=True),
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("entered_at", Instant(timezone=True), nullable=False),
        sa.Column("taken_back_on", sa.Date(), nullable=True),
        sa.Column("taken_back_at", Instant(timezone=True), nullable=True),
        sa.Column("taken_back_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_special_terms_organisation_id"
        ),
        *(
            sa.ForeignKeyConstraint(
                ["organisation_id", f"{one}_id"],
                [f"{one}s.organisation_id", f"{one}s.id"],
                name=f"fk_special_terms_organisation_id_{one}_id",
            )
            for one in ("contact", "invoice")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_special_terms"),
    )
    op.create_index(
        "ix_special_terms_organisation_id_contact_id_entered_at",
        "special_terms",
        ["organisation_id", "contact_id", "entered_at"],
    )
    row_security.protect(op.get_bind(), "special_terms")


def downgrade() -> None:
    op.drop_table("special_terms")
