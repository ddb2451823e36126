"""calendars"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("organisations", sa.Column("holidays_of", sa.String(length=32), nullable=True))
    op.add_column("organisations", sa.Column("closed_periods", _JSON, nullable=False, server_default="[]"))
    op.add_column("contacts", sa.Column("place", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("timezone", sa.Text(), nullable=True))
    op.add_column("contacts", sa.Column("pays_on", _JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "pays_on")
    op.drop_column("contacts", "timezone")
    op.drop_column("contacts", "place")
    op.drop_column("organisations", "closed_periods")
    op.drop_column("organisations", "holidays_of")
