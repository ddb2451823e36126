"""schedules: several side by side, rules among them, and what a person has chosen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("schedules", sa.Column("mark", sa.Text(), server_default="", nullable=False))
    row_security.announce(op.get_bind(), None)
    op.execute("UPDATE schedules SET mark = name WHERE NOT is_default")
    op.add_column("schedule_versions", sa.Column("written", Json, nullable=True))
    op.create_table(
        "placing_rules",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("conditions", Json, nullable=False),
        sa.Column("schedule_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_placing_rules_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "schedule_id"],
            ["schedules.organisation_id", "schedules.id"],
            name="fk_placing_rules_organisation_id_schedule_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_placing_rules"),
    )
    op.add_column("contacts", sa.Column("groups", Json, server_default="[]", nullable=False))
    op.add_column("contacts", sa.Column("country", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("schedule_id", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("schedule_chosen_by", sa.Text(), nullable=True))
    op.add_column(
        "communication_invoices", sa.Column("schedule_version_id", sa.String(length=32), nullable=True)
    )
    op.add_column("organisations", sa.Column("minimum_balances", Json, server_default="{}", nullable=False))
    op.add_column("foresights", sa.Column("schedule_id", sa.String(length=32), nullable=True))
    op.add_column("foresights", sa.Column("rule_id", sa.String(length=32), nullable=True))
    op.execute("UPDATE foresights SET basis = ''")  # they do not say yet who is on which schedule
    row_security.protect(op.get_bind(), "placing_rules")


def downgrade() -> None:
    op.drop_column("foresights", "rule_id")
    op.drop_column("foresights", "schedule_id")
    op.drop_column("organisations", "minimum_balances")
    op.drop_column("communication_invoices", "schedule_version_id")
    for column in ("schedule_chosen_by", "schedule_id", "country", "groups"):
        op.drop_column("contacts", column)
    op.drop_table("placing_rules")
    op.drop_column("schedule_versions", "written")
    op.drop_column("schedules", "mark")
