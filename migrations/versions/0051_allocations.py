"""what of credits was allocated to invoices, and when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allocations",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("credit_ledger_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_allocations_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_allocations_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "invoice_id", "position", name="pk_allocations"),
    )
    op.create_index(
        "ix_allocations_organisation_id_contact_id", "allocations", ["organisation_id", "contact_id"]
    )
    row_security.protect(op.get_bind(), "allocations")


def downgrade() -> None:
    op.drop_table("allocations")
