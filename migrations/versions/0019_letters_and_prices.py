"""letters and prices: through which token somebody said go, and what text messages cost"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claim_letters", sa.Column("approved_through", sa.Text(), nullable=True))
    op.add_column("communications", sa.Column("cost_millionths", sa.Integer(), nullable=True))
    op.add_column("communications", sa.Column("cost_currency", sa.String(length=32), nullable=True))
    op.add_column("communications", sa.Column("ask_cost_at", Instant, nullable=True))
    op.create_index(
        "ix_communications_ask_cost",
        "communications",
        ["ask_cost_at"],
        sqlite_where=sa.text("ask_cost_at IS NOT NULL"),
        postgresql_where=sa.text("ask_cost_at IS NOT NULL"),
    )
    row_security.announce(op.get_bind(), None)
    # Texts that have left already are asked about once.
    op.execute(
        "UPDATE communications SET ask_cost_at = sent_at"
        " WHERE channel = 'sms' AND direction = 'out' AND sent_at IS NOT NULL AND provider_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("ix_communications_ask_cost", table_name="communications")
    for name in ("ask_cost_at", "cost_currency", "cost_millionths"):
        op.drop_column("communications", name)
    op.drop_column("claim_letters", "approved_through")
