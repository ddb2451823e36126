"""two schedules that are compared, and the customers drawn into each"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

_COMPARISONS = "schedule_comparisons"
_MEMBERS = "comparison_members"


def upgrade() -> None:
    op.create_table(
        _COMPARISONS,
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("schedule_a", sa.String(length=32), nullable=False),
        sa.Column("schedule_b", sa.String(length=32), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("begun_at", Instant(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_schedule_comparisons_organisation_id"
        ),
        *(
            sa.ForeignKeyConstraint(
                ["organisation_id", one],
                ["schedules.organisation_id", "schedules.id"],
                name=f"fk_schedule_comparisons_organisation_id_{one}",
            )
            for one in ("schedule_a", "schedule_b")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_schedule_comparisons"),
    )
    op.create_table(
        _MEMBERS,
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("comparison_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=True),
        sa.Column("left_out", sa.String(length=32), nullable=True),
        sa.Column("was_on", sa.String(length=32), nullable=True),
        sa.Column("moved_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_comparison_members_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "comparison_id"],
            ["schedule_comparisons.organisation_id", "schedule_comparisons.id"],
            name="fk_comparison_members_organisation_id_comparison_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_comparison_members_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "comparison_id", "contact_id", name="pk_comparison_members"
        ),
    )
    op.create_index(
        "ix_comparison_members_organisation_id_contact_id", _MEMBERS, ["organisation_id", "contact_id"]
    )
    for table in (_COMPARISONS, _MEMBERS):
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table(_MEMBERS)
    op.drop_table(_COMPARISONS)
