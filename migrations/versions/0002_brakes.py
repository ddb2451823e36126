"""brakes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STANDING = sa.text("released_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "brakes",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("imposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imposed_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_brakes_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_brakes"),
    )
    op.create_index(
        "uq_brakes_standing",
        "brakes",
        ["organisation_id", "kind"],
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )
    op.create_index("ix_brakes_organisation_id_imposed_at", "brakes", ["organisation_id", "imposed_at"])
    op.create_table(
        "habits",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=False),
        sa.Column("busiest_due", sa.Integer(), nullable=False),
        sa.Column("busiest_run", sa.Integer(), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("longest_pause", sa.Integer(), nullable=False),
        sa.Column("reconciles", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_habits_organisation_id"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_habits"),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("stopped_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.add_column("organisations", sa.Column("books_limit_days", sa.Integer(), nullable=True))
    op.add_column("communications", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("communications", sa.Column("brake", sa.String(length=32), nullable=True))
    op.create_index("ix_payments_organisation_id_paid_on", "payments", ["organisation_id", "paid_on"])


def downgrade() -> None:
    op.drop_index("ix_payments_organisation_id_paid_on", "payments")
    op.drop_column("communications", "brake")
    op.drop_column("communications", "approved_at")
    op.drop_column("organisations", "books_limit_days")
    op.drop_table("installation")
    op.drop_table("habits")
    op.drop_table("brakes")
