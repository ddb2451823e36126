"""accounts on watch, categories of risk, and what they propose"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json, Money

revision = "0058"
down_revision = "0056"
branch_labels = None
depends_on = None

_TABLES = ("account_watches", "risk_marks", "risk_changes", "credit_proposals")


def upgrade() -> None:
    _account_watches()
    _risks()
    _proposals()
    for table in _TABLES:
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("organisations", "risk_moves_schedules")
    op.drop_column("organisations", "risk_categories")


def _account_watches() -> None:
    op.create_table(
        "account_watches",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=True),
        sa.Column("started_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.Column("group_pending", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", Instant(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        *_of_contact("account_watches"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_account_watches"),
    )
    _index(
        "uq_account_watches_standing",
        "account_watches",
        ["organisation_id", "contact_id"],
        "status IN ('proposed', 'watched')",
        unique=True,
    )
    _index(
        "ix_account_watches_untold", "account_watches", ["next_try_at", "organisation_id"], "group_pending"
    )
    op.create_index(
        "ix_account_watches_organisation_id_contact_id_created_at",
        "account_watches",
        ["organisation_id", "contact_id", "created_at"],
    )


def _risks() -> None:
    op.add_column("organisations", sa.Column("risk_categories", Json, server_default="[]", nullable=False))
    op.create_table(
        "risk_marks",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("points", Money(), nullable=True),
        sa.Column("inputs", Json, nullable=False),
        *_of_contact("risk_marks"),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", name="pk_risk_marks"),
    )
    op.create_index("ix_risk_marks_organisation_id_category", "risk_marks", ["organisation_id", "category"])
    op.create_table(
        "risk_changes",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("inputs_before", Json, nullable=False),
        sa.Column("inputs", Json, nullable=False),
        *_of_contact("risk_changes"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_risk_changes"),
    )
    for column in ("changed_on", "contact_id"):
        op.create_index(
            f"ix_risk_changes_organisation_id_{column}", "risk_changes", ["organisation_id", column]
        )


def _proposals() -> None:
    op.add_column(
        "organisations",
        sa.Column("risk_moves_schedules", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_table(
        "credit_proposals",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("schedule_id", sa.String(length=32), nullable=True),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("before", Money(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        *_of_contact("credit_proposals"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_credit_proposals"),
    )
    _index(
        "uq_credit_proposals_waits",
        "credit_proposals",
        ["organisation_id", "contact_id", "kind", "currency"],
        "state = 'waits'",
        unique=True,
    )
    op.create_index(
        "ix_credit_proposals_organisation_id_made_at", "credit_proposals", ["organisation_id", "made_at"]
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


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
