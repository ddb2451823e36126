"""occasions: mails that no step of a schedule sends"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("communications", sa.Column("occasion", Json, nullable=True))
    op.add_column("contacts", sa.Column("last_courtesy_at", Instant, nullable=True))
    op.create_table(
        "occasion_switches",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("switched_on_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_occasion_switches_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "kind", name="pk_occasion_switches"),
    )
    op.create_table(
        "campaigns",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("template_key", sa.String(length=32), nullable=False),
        sa.Column("conditions", Json, nullable=False),
        sa.Column("never_chased", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_campaigns_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_campaigns"),
    )
    op.create_table(
        "campaign_members",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_campaign_members_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "campaign_id"],
            ["campaigns.organisation_id", "campaigns.id"],
            name="fk_campaign_members_organisation_id_campaign_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_campaign_members_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "campaign_id", "contact_id", name="pk_campaign_members"),
    )
    op.create_index(
        "ix_campaign_members_organisation_id_contact_id", "campaign_members", ["organisation_id", "contact_id"]
    )
    op.create_table(
        "sent_marks",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("invoice_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", Instant, nullable=True),
        sa.Column("next_try_at", Instant, nullable=False),
        sa.Column("written_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_sent_marks_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_sent_marks_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "invoice_id", name="pk_sent_marks"),
    )
    for table in ("occasion_switches", "campaigns", "campaign_members", "sent_marks"):
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("sent_marks")
    op.drop_table("campaign_members")
    op.drop_table("campaigns")
    op.drop_table("occasion_switches")
    op.drop_column("contacts", "last_courtesy_at")
    op.drop_column("communications", "occasion")
