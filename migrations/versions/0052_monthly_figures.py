"""figures by month, and whose are to be made anew: at first everybody's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "monthly_figures",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("sales", sa.BigInteger(), nullable=False),
        sa.Column("invoices", sa.Integer(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("reach_1", sa.BigInteger(), nullable=False),
        sa.Column("reach_31", sa.BigInteger(), nullable=False),
        sa.Column("reach_61", sa.BigInteger(), nullable=False),
        sa.Column("reach_91", sa.BigInteger(), nullable=False),
        sa.Column("paid_invoices", sa.Integer(), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_on_time", sa.Integer(), nullable=False),
        sa.Column("days_late", sa.Integer(), nullable=False),
        sa.Column("days_late_clipped", sa.Integer(), nullable=False),
        sa.Column("days_to_pay", sa.Integer(), nullable=False),
        sa.Column("amount_days_late", sa.BigInteger(), nullable=False),
        sa.Column("amount_days_late_clipped", sa.BigInteger(), nullable=False),
        sa.Column("amount_days_to_pay", sa.BigInteger(), nullable=False),
        sa.Column("unpaid_at_90", sa.BigInteger(), nullable=False),
        sa.Column("last_due", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_monthly_figures_organisation_id"
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "contact_id", "currency", "month", name="pk_monthly_figures"
        ),
    )
    op.create_index(
        "ix_monthly_figures_organisation_id_currency_month",
        "monthly_figures",
        ["organisation_id", "currency", "month"],
    )
    op.create_table(
        "stale_figures",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_stale_figures_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", name="pk_stale_figures"),
    )
    for table in ("monthly_figures", "stale_figures"):
        row_security.protect(op.get_bind(), table)
    op.execute(
        "INSERT INTO stale_figures (organisation_id, contact_id) SELECT organisation_id, id FROM contacts"
    )


def downgrade() -> None:
    op.drop_table("stale_figures")
    op.drop_table("monthly_figures")
