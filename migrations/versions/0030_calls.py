"""whether somebody was reached by a call"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("communications", sa.Column("reached", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("communications", "reached")
