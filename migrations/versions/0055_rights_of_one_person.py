"""exports and erasures of one person of a customer"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_exports", sa.Column("person", sa.JSON(), nullable=True))
    op.add_column("erasures", sa.Column("person_of", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("erasures", "person_of")
    op.drop_column("data_exports", "person")
