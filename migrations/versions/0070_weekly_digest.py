"""who wants the weekly digest, and notices that have a look of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security

revision = "0070"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("internal_notices", sa.Column("html", sa.Text(), nullable=True))
    op.create_table(
        "weekly_digests",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_weekly_digests_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_weekly_digests_person_id"),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name="pk_weekly_digests"),
    )
    row_security.protect(op.get_bind(), "weekly_digests")


def downgrade() -> None:
    op.drop_table("weekly_digests")
    op.drop_column("internal_notices", "html")
