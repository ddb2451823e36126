"""who is away at a customer, by what their mailbox answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0029"
down_revision = "0030"
branch_labels = None
depends_on = None

_AWAY = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "people_away",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=False),
        sa.Column("noticed_at", Instant, nullable=False),
        sa.Column("stand_in_name", sa.Text(), nullable=True),
        sa.Column("stand_in_email", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_people_away_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_people_away_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", "address", name="pk_people_away"),
    )
    op.create_index(
        "ix_people_away_away",
        "people_away",
        ["organisation_id", "contact_id"],
        sqlite_where=_AWAY,
        postgresql_where=_AWAY,
    )
    row_security.protect(op.get_bind(), "people_away")


def downgrade() -> None:
    op.drop_table("people_away")
