"""with which text a customer is written to for the first time, among what is foreseen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("foreseen_mails", sa.Column("begins_with", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("foreseen_mails", "begins_with")
