"""limits on contacting that were read in reports bind only where an organisation says so"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Json

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("binding_reports", Json, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("organisations", "binding_reports")
