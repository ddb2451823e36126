"""who of a practice wants one weekly mail about all clients, and from when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("practice_members", sa.Column("digest_from", sa.Date(), nullable=True))
    op.add_column("practice_members", sa.Column("digest_zone", sa.String(32), nullable=True))
    op.add_column("practice_members", sa.Column("digest_try_at", Instant(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("digest_try_at", "digest_zone", "digest_from"):
        op.drop_column("practice_members", column)
