"""the audit log, and the second pair of eyes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import append_only, row_security
from store.types import Instant, Json

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
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
    append_only.guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("audit_entries")
    append_only.unguard(op.get_bind())
