"""templates: languages, conversations, removal; a signature for each person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("template_versions", sa.Column("language", sa.String(length=32), nullable=False, server_default="en"))
    op.add_column("templates", sa.Column("starts_conversation", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("templates", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisations", sa.Column("language", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("language", sa.String(length=32), nullable=True))
    op.add_column("memberships", sa.Column("signature", sa.Text(), nullable=True))
    op.execute(sa.text("UPDATE templates SET starts_conversation = true WHERE key = 'formal_notice'"))
    op.create_index("uq_templates_organisation_id_key", "templates", ["organisation_id", "key"], unique=True)
    op.create_index(
        "uq_template_versions_number",
        "template_versions",
        ["organisation_id", "template_id", "language", "number"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("uq_template_versions_number", "template_versions")
    op.drop_index("uq_templates_organisation_id_key", "templates")
    op.drop_column("memberships", "signature")
    op.drop_column("contacts", "language")
    op.drop_column("organisations", "language")
    op.drop_column("templates", "removed_at")
    op.drop_column("templates", "starts_conversation")
    op.drop_column("template_versions", "language")
