"""limits of credit, and when a customer owed more"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Money

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_limits",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("before", Money(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(timezone=True), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        *_of_contact("credit_limits"),
    )
    _index("uq_credit_limits_stands", "credit_limits", ["organisation_id", "contact_id", "currency"], "stands")
    op.create_index(
        "ix_credit_limits_organisation_id_contact_id_decided_at",
        "credit_limits",
        ["organisation_id", "contact_id", "decided_at"],
    )
    op.create_table(
        "credit_alerts",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("limit_amount", Money(), nullable=False),
        sa.Column("exposure", Money(), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=True),
        sa.Column("raised_at", Instant(timezone=True), nullable=False),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        *_of_contact("credit_alerts"),
    )
    _index(
        "uq_credit_alerts_goes_on",
        "credit_alerts",
        ["organisation_id", "contact_id", "currency"],
        "ended_at IS NULL",
    )
    op.create_index(
        "ix_credit_alerts_organisation_id_contact_id_raised_at",
        "credit_alerts",
        ["organisation_id", "contact_id", "raised_at"],
    )
    for table in ("credit_limits", "credit_alerts"):
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("credit_alerts")
    op.drop_table("credit_limits")


def _of_contact(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name=f"fk_{table}_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=f"pk_{table}"),
    )


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    """One row of these columns at a time."""
    op.create_index(
        name, table, columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
