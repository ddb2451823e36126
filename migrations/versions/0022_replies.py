"""replies as work, mails that nobody could place, claims of payment, answers on their way out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json, Money

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ID = sa.String(length=32)


def upgrade() -> None:
    _replies()
    _stray_mails()
    _paid_claims()
    _answers()
    op.add_column("attachments", sa.Column("danger", sa.Text(), nullable=True))
    for table in ("replies", "stray_mails", "paid_claims", "paid_claim_invoices", "answers"):
        row_security.protect(op.get_bind(), table)


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _of_organisation() -> sa.Column[str]:
    return sa.Column(
        "organisation_id", _ID, sa.ForeignKey("organisations.id"), primary_key=True, nullable=False
    )


def _of_communication() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
    )


def _replies() -> None:
    op.create_table(
        "replies",
        _of_organisation(),
        sa.Column("communication_id", _ID, primary_key=True),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("matched_by", _ID, nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("meaning", _ID, nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("owner_id", _ID, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("state", _ID, nullable=False),
        sa.Column("settled_as", _ID, nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("done", Json, nullable=False, server_default="{}"),
        sa.Column("created_at", Instant, nullable=False),
        _of_communication(),
    )
    _partial("ix_replies_waiting", "replies", ["organisation_id", "contact_id"], "state = 'waiting'")
    _partial("ix_replies_due", "replies", ["due_on"], "state = 'waiting'")
    op.create_index(
        "ix_replies_organisation_id_created_at_communication_id",
        "replies",
        ["organisation_id", "created_at", "communication_id"],
    )


def _stray_mails() -> None:
    op.create_table(
        "stray_mails",
        _of_organisation(),
        sa.Column("id", _ID, primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=True),
        sa.Column("from_email", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("suggestions", Json, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", _ID, nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("communication_id", _ID, nullable=True),
        sa.Column("received_at", Instant, nullable=False),
    )
    _partial(
        "ix_stray_mails_waiting", "stray_mails", ["organisation_id", "received_at"], "state = 'waiting'"
    )


def _paid_claims() -> None:
    op.create_table(
        "paid_claims",
        _of_organisation(),
        sa.Column("id", _ID, primary_key=True),
        sa.Column("contact_id", _ID, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("amount", Money, nullable=True),
        sa.Column("currency", _ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("state", _ID, nullable=False),
        sa.Column("rest_until", sa.Date(), nullable=False),
        sa.Column("communication_id", _ID, nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]
        ),
    )
    op.create_index(
        "ix_paid_claims_organisation_id_contact_id", "paid_claims", ["organisation_id", "contact_id"]
    )
    _partial("ix_paid_claims_resting", "paid_claims", ["rest_until"], "state IN ('resting', 'missing')")
    op.create_table(
        "paid_claim_invoices",
        _of_organisation(),
        sa.Column("claim_id", _ID, primary_key=True),
        sa.Column("invoice_id", _ID, primary_key=True),
        sa.Column("hold_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "claim_id"], ["paid_claims.organisation_id", "paid_claims.id"]
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"], ["invoices.organisation_id", "invoices.id"]
        ),
    )
    op.create_index(
        "ix_paid_claim_invoices_organisation_id_invoice_id",
        "paid_claim_invoices",
        ["organisation_id", "invoice_id"],
    )


def _answers() -> None:
    op.create_table(
        "answers",
        _of_organisation(),
        sa.Column("communication_id", _ID, primary_key=True),
        sa.Column("invoice_ids", Json, nullable=False),
        sa.Column("status", _ID, nullable=False),
        sa.Column("settles", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", Instant, nullable=False),
        sa.Column("handed_over_at", Instant, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        _of_communication(),
    )
    _partial("ix_answers_pending", "answers", ["next_try_at"], "status = 'pending'")


def downgrade() -> None:
    op.drop_column("attachments", "danger")
    for table in ("answers", "paid_claim_invoices", "paid_claims", "stray_mails", "replies"):
        op.drop_table(table)
