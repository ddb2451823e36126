"""disputes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Money

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=True),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        sa.Column("credited_before", Money(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("agreed", Money(), nullable=True),
        sa.Column("outcome_text", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant(timezone=True), nullable=True),
        sa.Column("rests", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_disputes_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_disputes_organisation_id_contact_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_disputes_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_disputes"),
    )
    _index("ix_disputes_resting", ["organisation_id", "contact_id"], "rests")
    _index("uq_disputes_open", ["organisation_id", "invoice_id"], "outcome IS NULL", unique=True)
    _index("ix_disputes_organisation_id_opened_at_id", ["organisation_id", "opened_at", "id"])
    _index("ix_disputes_organisation_id_contact_id_opened_at", ["organisation_id", "contact_id", "opened_at"])
    row_security.protect(op.get_bind(), "disputes")
    op.add_column(
        "organisations", sa.Column("dispute_days", sa.Integer(), nullable=False, server_default="30")
    )


def _index(name: str, columns: list[str], where: str = "", unique: bool = False) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, "disputes", columns, unique=unique, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    op.drop_column("organisations", "dispute_days")
    op.drop_table("disputes")
