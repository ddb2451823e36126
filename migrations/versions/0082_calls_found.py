"""calls are found among many messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

_CALLED = sa.text("reached IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_communications_called",
        "communications",
        ["organisation_id", "created_at", "contact_id", "reached"],
        sqlite_where=_CALLED,
        postgresql_where=_CALLED,
    )


def downgrade() -> None:
    op.drop_index("ix_communications_called", table_name="communications")
