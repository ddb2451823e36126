"""the audit log, and the second pair of eyes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import append_only, row_security
from store.types import Instant, Json

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_WAITS = sa.text("outcome IS NULL")


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("via", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.String(length=32), nullable=True),
        sa.Column("invoice_id", sa.String(length=32), nullable=True),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_organisation_id_at_id", "audit_entries", ["organisation_id", "at", "id"])
    op.create_index(
        "ix_audit_entries_organisation_id_subject_at_id",
        "audit_entries",
        ["organisation_id", "subject", "at", "id"],
    )
    row_security.protect(op.get_bind(), "audit_entries")
    append_only.guard(op.get_bind(), deletions=False)
    op.add_column("organisations", sa.Column("audit_kept_days", sa.Integer(), server_default="730", nullable=False))
    op.add_column("organisations", sa.Column("second_eyes", Json, server_default="[]", nullable=False))
    op.create_table(
        "asked_changes",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("what", Json, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_person", sa.String(length=32), nullable=True),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_asked_changes_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_asked_changes"),
    )
    op.create_index(
        "ix_asked_changes_waiting",
        "asked_changes",
        ["organisation_id", "asked_at"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    row_security.protect(op.get_bind(), "asked_changes")


def downgrade() -> None:
    op.drop_table("asked_changes")
    op.drop_column("organisations", "second_eyes")
    op.drop_column("organisations", "audit_kept_days")
    op.drop_table("audit_entries")
    append_only.unguard(op.get_bind())
