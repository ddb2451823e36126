"""addresses to which events are sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_endpoints",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("groups", Json, nullable=False),
        sa.Column("secret_cipher", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", Instant, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("next_try_at", Instant, nullable=False),
        sa.Column("taken_at", Instant, nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_event_endpoints_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_event_endpoints"),
    )
    op.create_index("ix_event_endpoints_next_try_at", "event_endpoints", ["next_try_at"])
    row_security.protect(op.get_bind(), "event_endpoints")


def downgrade() -> None:
    op.drop_table("event_endpoints")
