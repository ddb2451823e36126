"""what left is counted from an index alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

_LEFT = sa.text("direction = 'out' AND sent_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_communications_left",
        "communications",
        ["organisation_id", "sent_at", "channel", "kind", "status"],
        sqlite_where=_LEFT,
        postgresql_where=_LEFT,
    )


def downgrade() -> None:
    op.drop_index("ix_communications_left", "communications")
