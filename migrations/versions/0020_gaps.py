"""the gap between messages to a customer, and the grace after a payment that somebody expects"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organisations", sa.Column("minimum_gap_days", sa.Integer(), nullable=False, server_default="4")
    )
    op.add_column(
        "organisations", sa.Column("promise_grace_days", sa.Integer(), nullable=False, server_default="2")
    )


def downgrade() -> None:
    op.drop_column("organisations", "promise_grace_days")
    op.drop_column("organisations", "minimum_gap_days")
