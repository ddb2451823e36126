"""since when other programs know that special terms are over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("special_terms", sa.Column("over_told_at", Instant(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("special_terms", "over_told_at")
