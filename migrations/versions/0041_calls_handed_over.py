"""calls that were handed to a colleague"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("caller_id", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "caller_id")
