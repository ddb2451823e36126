"""letters and prices: through which token somebody said go, and what text messages cost"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claim_letters", sa.Column("approved_through", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("claim_letters", "approved_through")
