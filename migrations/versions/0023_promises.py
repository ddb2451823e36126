"""promises to pay, and the payment dates that the ledger expects because of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json, Money

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


_PROMISES = ("promises", "promise_invoices", "expected_dates")
_PLANS = ("payment_plans", "plan_invoices", "plan_instalments")


def upgrade() -> None:
    op.add_column(
        "organisations",
        sa.Column("when_plan_missed", sa.String(length=32), nullable=False, server_default="ask"),
    )
    op.add_column("organisations", sa.Column("plan_bounds", Json, nullable=False, server_default="{}"))
    _promises()
    _plans()
    for table in (*_PROMISES, *_PLANS):
        row_security.protect(op.get_bind(), table)
    op.execute(
        sa.text(
            "INSERT INTO occasion_switches (organisation_id, kind, since, switched_on_by)"
            " SELECT id, 'broken_promise', created_at, 'Dunnock' FROM organisations"
        )
    )


def _promises() -> None:
    op.create_table(
        "promises",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("grace_until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("paid", Money(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("replaced_by", sa.String(length=32), nullable=True),
        sa.Column("said_by", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        sa.Column("follow_up_until", sa.Date(), nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("judged_at", Instant, nullable=True),
        sa.Column("next_look_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_promises_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_promises_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_promises"),
    )
    op.create_index("ix_promises_organisation_id_contact_id", "promises", ["organisation_id", "contact_id"])
    op.create_index(
        "ix_promises_organisation_id_promised_on_id", "promises", ["organisation_id", "promised_on", "id"]
    )
    to_look_at = sa.text("next_look_at IS NOT NULL")
    op.create_index(
        "ix_promises_next_look",
        "promises",
        ["next_look_at", "organisation_id"],
        sqlite_where=to_look_at,
        postgresql_where=to_look_at,
    )
    op.create_table(
        "promise_invoices",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("promise_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=False),
        sa.Column("due_then", Money(), nullable=False),
        sa.Column("paid_then", Money(), nullable=False),
        sa.Column("taken_over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_promise_invoices_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "promise_id"],
            ["promises.organisation_id", "promises.id"],
            name="fk_promise_invoices_organisation_id_promise_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_promise_invoices_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "promise_id", "invoice_id", name="pk_promise_invoices"),
    )
    op.create_index(
        "ix_promise_invoices_organisation_id_invoice_id", "promise_invoices", ["organisation_id", "invoice_id"]
    )
    op.create_table(
        "expected_dates",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", Instant, nullable=False),
        sa.Column("written_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_expected_dates_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_expected_dates_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "invoice_id", name="pk_expected_dates"),
    )
    pending = sa.text("status = 'pending'")
    op.create_index(
        "ix_expected_dates_pending",
        "expected_dates",
        ["next_try_at", "organisation_id"],
        sqlite_where=pending,
        postgresql_where=pending,
    )


def _plans() -> None:
    op.create_table(
        "payment_plans",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("replaces", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("judged_at", Instant, nullable=True),
        sa.Column("next_look_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_payment_plans_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_payment_plans_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_payment_plans"),
    )
    op.create_index(
        "ix_payment_plans_organisation_id_contact_id", "payment_plans", ["organisation_id", "contact_id"]
    )
    to_look_at = sa.text("next_look_at IS NOT NULL")
    op.create_index(
        "ix_payment_plans_next_look",
        "payment_plans",
        ["next_look_at", "organisation_id"],
        sqlite_where=to_look_at,
        postgresql_where=to_look_at,
    )
    op.create_table(
        "plan_invoices",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=False),
        sa.Column("due_then", Money(), nullable=False),
        sa.Column("paid_then", Money(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_plan_invoices_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "plan_id"],
            ["payment_plans.organisation_id", "payment_plans.id"],
            name="fk_plan_invoices_organisation_id_plan_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_plan_invoices_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "plan_id", "invoice_id", name="pk_plan_invoices"),
    )
    op.create_index(
        "ix_plan_invoices_organisation_id_invoice_id", "plan_invoices", ["organisation_id", "invoice_id"]
    )
    op.create_table(
        "plan_instalments",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("grace_until", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("paid", Money(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_plan_instalments_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "plan_id"],
            ["payment_plans.organisation_id", "payment_plans.id"],
            name="fk_plan_instalments_organisation_id_plan_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "plan_id", "number", name="pk_plan_instalments"),
    )


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM occasion_switches WHERE kind IN ('broken_promise', 'promise_due', 'instalment_due')"))
    for table in reversed(_PLANS):
        op.drop_table(table)
    op.drop_table("expected_dates")
    op.drop_table("promise_invoices")
    op.drop_table("promises")
    op.drop_column("organisations", "plan_bounds")
    op.drop_column("organisations", "when_plan_missed")
