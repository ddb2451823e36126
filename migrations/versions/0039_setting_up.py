"""the steps of the set-up, and the day on which chasing goes live"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Json

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setup_steps",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("chosen", Json, nullable=False, server_default="{}"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_setup_steps_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "step", name="pk_setup_steps"),
    )
    row_security.protect(op.get_bind(), "setup_steps")
    op.create_table(
        "planned_starts",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("wanted_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("reminders_stay_on", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_planned_starts_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_planned_starts"),
    )
    row_security.protect(op.get_bind(), "planned_starts")


def downgrade() -> None:
    op.drop_table("planned_starts")
    op.drop_table("setup_steps")
