"""the files that left with a mail, and indexes by which the story of a contact is read in order, a page at a time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_HAPPENED = "coalesce(sent_at, planned_for, created_at)"


def upgrade() -> None:
    files = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("communications", sa.Column("attached", files, nullable=False, server_default="[]"))
    op.create_index(
        "ix_communications_happened",
        "communications",
        ["organisation_id", "contact_id", sa.text(_HAPPENED), "id"],
    )
    op.create_index(
        "ix_communications_organisation_id_in_reply_to", "communications", ["organisation_id", "in_reply_to"]
    )
    op.create_index(
        "ix_holds_organisation_id_contact_id_created_at", "holds", ["organisation_id", "contact_id", "created_at"]
    )
    op.create_index(
        "ix_payments_organisation_id_contact_id_paid_on", "payments", ["organisation_id", "contact_id", "paid_on"]
    )


def downgrade() -> None:
    op.drop_index("ix_payments_organisation_id_contact_id_paid_on", table_name="payments")
    op.drop_index("ix_holds_organisation_id_contact_id_created_at", table_name="holds")
    op.drop_index("ix_communications_organisation_id_in_reply_to", table_name="communications")
    op.drop_index("ix_communications_happened", table_name="communications")
    op.drop_column("communications", "attached")
