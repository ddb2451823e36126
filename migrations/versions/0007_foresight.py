"""foresight"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foresights",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_foresights_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", name="pk_foresights"),
    )
    op.create_table(
        "foreseen_mails",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("planned_for", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_foreseen_mails_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["foresights.organisation_id", "foresights.contact_id"],
            name="fk_foreseen_mails_organisation_id_contact_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", "on", "currency", name="pk_foreseen_mails"),
    )
    op.create_index(
        "ix_foreseen_mails_organisation_id_on_planned_for",
        "foreseen_mails",
        ["organisation_id", "on", "planned_for"],
    )
    row_security.protect(op.get_bind(), "foresights")
    row_security.protect(op.get_bind(), "foreseen_mails")


def downgrade() -> None:
    op.drop_table("foreseen_mails")
    op.drop_table("foresights")
