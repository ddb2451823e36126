"""the name of the step of what is foreseen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("foreseen_mails", sa.Column("step", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("foreseen_mails", "step")
