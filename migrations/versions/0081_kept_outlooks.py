"""money ahead as it was worked out last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Json

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_outlooks",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("outlook", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_kept_outlooks_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_kept_outlooks"),
    )
    row_security.protect(op.get_bind(), "kept_outlooks")


def downgrade() -> None:
    op.drop_table("kept_outlooks")
