"""consequences"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store import row_security
from store.types import Instant, Money

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
_TABLES = ("late_payment_policies", "late_payment_terms", "late_fees", "account_stops", "claim_letters")


def upgrade() -> None:
    op.create_table(
        "late_payment_policies",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("rules", sa.String(length=32), nullable=True),
        sa.Column("split", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("yearly_rate", Money(), nullable=True),
        sa.Column("fee", Money(), nullable=True),
        sa.Column("fee_currency", sa.String(length=32), nullable=True),
        sa.Column("whole_months", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("charging", sa.String(length=32), server_default="off", nullable=False),
        sa.Column("account_code", sa.Text(), nullable=True),
        sa.Column("tax_type", sa.Text(), nullable=True),
        sa.Column("tracking", _JSON, server_default="[]", nullable=False),
        sa.Column("choices", _JSON, server_default="{}", nullable=False),
        sa.Column("choices_read_at", Instant(timezone=True), nullable=True),
        sa.Column("charged_on", sa.Date(), nullable=True),
        sa.Column("charged_after", sa.String(length=32), nullable=True),
        _organisation("late_payment_policies"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_late_payment_policies"),
    )
    op.create_table(
        "late_payment_terms",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("rules", sa.String(length=32), nullable=True),
        sa.Column("yearly_rate", Money(), nullable=True),
        sa.Column("fee", Money(), nullable=True),
        sa.Column("fee_currency", sa.String(length=32), nullable=True),
        sa.Column("whole_months", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("longer_term_fair", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(timezone=True), nullable=False),
        _organisation("late_payment_terms"),
        _contact("late_payment_terms"),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", name="pk_late_payment_terms"),
    )
    op.create_table(
        "late_fees",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("interest", Money(), nullable=False),
        sa.Column("compensation", Money(), nullable=False),
        sa.Column("lines", _JSON, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", Instant(timezone=True), nullable=False),
        sa.Column("ledger_id", sa.String(length=64), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("drafted_at", Instant(timezone=True), nullable=True),
        _organisation("late_fees"),
        _contact("late_fees"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_late_fees_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_late_fees"),
        sa.UniqueConstraint(
            "organisation_id", "invoice_id", "from_on", name="uq_late_fees_organisation_id_invoice_id_from_on"
        ),
    )
    _index("ix_late_fees_pending", "late_fees", ["next_try_at", "organisation_id"], "status = 'pending'")
    _index("ix_late_fees_organisation_id_created_at_id", "late_fees", ["organisation_id", "created_at", "id"])
    _index("ix_late_fees_organisation_id_ledger_id", "late_fees", ["organisation_id", "ledger_id"])
    op.create_table(
        "account_stops",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        sa.Column("stop_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("stopped_at", Instant(timezone=True), nullable=True),
        sa.Column("lifted_at", Instant(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("group_pending", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", Instant(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        _organisation("account_stops"),
        _contact("account_stops"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_account_stops"),
    )
    _index(
        "uq_account_stops_standing",
        "account_stops",
        ["organisation_id", "contact_id"],
        "status IN ('warned', 'stopped')",
        unique=True,
    )
    _index("ix_account_stops_untold", "account_stops", ["next_try_at", "organisation_id"], "group_pending")
    op.create_table(
        "claim_letters",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", Instant(timezone=True), nullable=True),
        sa.Column("posted_by", sa.Text(), nullable=True),
        sa.Column("posted_at", Instant(timezone=True), nullable=True),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        _organisation("claim_letters"),
        _contact("claim_letters"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_claim_letters"),
    )
    _index(
        "ix_claim_letters_organisation_id_contact_id_created_at",
        "claim_letters",
        ["organisation_id", "contact_id", "created_at"],
    )
    for table in _TABLES:
        row_security.protect(op.get_bind(), table)


def _organisation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
    )


def _contact(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", "contact_id"],
        ["contacts.organisation_id", "contacts.id"],
        name=f"fk_{table}_organisation_id_contact_id",
    )


def _index(name: str, table: str, columns: list[str], where: str = "", unique: bool = False) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
