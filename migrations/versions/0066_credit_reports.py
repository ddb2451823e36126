"""credit reports, which company a customer is, what a report costs, and bands of scores"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json, Money

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

_TABLES = ("credit_companies", "credit_reports")


def upgrade() -> None:
    op.add_column("organisations", sa.Column("credit_bands", Json, server_default="[]", nullable=False))
    op.add_column("organisations", sa.Column("credit_report_cost", Money(), nullable=True))
    op.add_column("organisations", sa.Column("credit_report_currency", sa.String(length=32), nullable=True))
    op.create_table(
        "credit_companies",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("company_id", "name", "number")),
        sa.Column("country", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.Column("chosen_at", Instant(timezone=True), nullable=False),
        *_of_contact("credit_companies"),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", name="pk_credit_companies"),
    )
    _reports()
    for table in _TABLES:
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    for column in ("credit_report_currency", "credit_report_cost", "credit_bands"):
        op.drop_column("organisations", column)


def _reports() -> None:
    op.create_table(
        "credit_reports",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        *(sa.Column(f"company_{name}", sa.Text(), nullable=False) for name in ("id", "name", "number")),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("ordered_at", Instant(timezone=True), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("cost", Money(), nullable=False),
        sa.Column("cost_currency", sa.String(length=32), nullable=False),
        sa.Column("obtained_at", Instant(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        *(sa.Column(f"provider_{name}", sa.Text(), nullable=True) for name in ("value", "most", "words")),
        sa.Column("limit_amount", Money(), nullable=True),
        sa.Column("limit_currency", sa.String(length=32), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        *_of_contact("credit_reports"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_credit_reports"),
    )
    op.create_index(
        "ix_credit_reports_organisation_id_contact_id_ordered_at",
        "credit_reports",
        ["organisation_id", "contact_id", "ordered_at"],
    )


def _of_contact(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name=f"fk_{table}_organisation_id_contact_id",
        ),
    )
