"""whose an invoice was before, and whether what was set at a merged customer was taken over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("followed_into", sa.String(32), nullable=True))
    op.add_column("invoices", sa.Column("moved_from", sa.String(32), nullable=True))
    op.create_index(
        "ix_contacts_merged",
        "contacts",
        ["organisation_id", "merged_into"],
        sqlite_where=_MERGED,
        postgresql_where=_MERGED,
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_merged", "contacts")
    op.drop_column("invoices", "moved_from")
    op.drop_column("contacts", "followed_into")
