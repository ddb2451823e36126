"""targets of figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Money

revision = "0060"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_targets",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("figure", sa.String(length=32), nullable=False),
        sa.Column("target", Money(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_figure_targets_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "currency", "figure", name="pk_figure_targets"),
    )
    row_security.protect(op.get_bind(), "figure_targets")


def downgrade() -> None:
    op.drop_table("figure_targets")
