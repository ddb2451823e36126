"""connections and what was refused over them; trials, and who pays"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_inbox_events_tenant", "inbox_events", ["tenant", "id"])
    op.create_table(
        "connection_marks",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_connection_marks_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_connection_marks"),
    )
    op.create_index("ix_connection_marks_organisation_id_at", "connection_marks", ["organisation_id", "at"])
    op.create_table(
        "ledger_refusals",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("tried", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_ledger_refusals_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_ledger_refusals"),
    )
    op.create_index(
        "ix_ledger_refusals_organisation_id_last_at", "ledger_refusals", ["organisation_id", "last_at"]
    )
    op.create_index("ix_ledger_refusals_last_at", "ledger_refusals", ["last_at"])
    op.create_table(
        "trial_periods",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("disconnect_on", sa.Date(), nullable=False),
        sa.Column("next_look_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_trial_periods_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_trial_periods"),
    )
    op.create_index("ix_trial_periods_next_look_at", "trial_periods", ["next_look_at"])
    op.create_table(
        "payers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("period_ends_at", Instant, nullable=True),
        sa.Column("ends_at", Instant, nullable=True),
        sa.Column("past_due_since", Instant, nullable=True),
        sa.Column("read_at", Instant, nullable=True),
        sa.Column("next_look_at", Instant, nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_payers"),
        sa.UniqueConstraint("customer", name="uq_payers_customer"),
    )
    op.create_index("ix_payers_next_look_at", "payers", ["next_look_at"])
    op.create_table(
        "paid_for",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("payer_id", sa.String(length=32), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_paid_for_organisation_id"
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name="fk_paid_for_payer_id"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_paid_for"),
    )
    op.create_index("ix_paid_for_payer_id", "paid_for", ["payer_id"])
    for table in ("connection_marks", "ledger_refusals", "trial_periods", "paid_for"):
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    for table in ("paid_for", "payers", "trial_periods", "ledger_refusals", "connection_marks"):
        op.drop_table(table)
    op.drop_index("ix_inbox_events_tenant", "inbox_events")
