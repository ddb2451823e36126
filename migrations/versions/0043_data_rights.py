"""exports, and the deletion of organisations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import append_only, row_security
from store.types import Instant, Json

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organisations", sa.Column("delete_after_days", sa.Integer(), nullable=False, server_default="90")
    )
    op.create_table(
        "deletions",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("told_at", Instant, nullable=True),
        sa.Column("begun_at", Instant, nullable=True),
        sa.Column("people", Json, nullable=False, server_default="[]"),
        sa.Column("deleted", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_deletions_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_deletions"),
    )
    op.create_index("ix_deletions_due_at", "deletions", ["due_at"])
    op.create_table(
        "deleted_organisations",
        sa.Column("former_id", sa.String(length=32), nullable=False),
        sa.Column("deleted_on", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("former_id", "deleted_on", name="pk_deleted_organisations"),
    )
    op.create_table(
        "data_exports",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("place", Json, nullable=False, server_default="{}"),
        sa.Column("parts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("expected", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("ready_at", Instant, nullable=True),
        sa.Column("expires_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_data_exports_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_data_exports"),
    )
    op.create_index("ix_data_exports_state", "data_exports", ["state"])
    op.create_index("ix_data_exports_expires_at", "data_exports", ["expires_at"])
    op.create_table(
        "data_export_parts",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("export_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_data_export_parts_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "export_id"],
            ["data_exports.organisation_id", "data_exports.id"],
            name="fk_data_export_parts_organisation_id_export_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "export_id", "number", name="pk_data_export_parts"),
    )
    for table in ("deletions", "data_exports", "data_export_parts"):
        row_security.protect(op.get_bind(), table)
    append_only.unguard(op.get_bind())
    append_only.guard(op.get_bind(), erasures=False)


def downgrade() -> None:
    append_only.unguard(op.get_bind())
    append_only.guard(op.get_bind(), deletions=False)
    for table in ("data_export_parts", "data_exports", "deleted_organisations", "deletions"):
        op.drop_table(table)
    op.drop_column("organisations", "delete_after_days")
