"""the language in which somebody reads the pages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("language", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "language")
