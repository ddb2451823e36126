"""channels: text messages, tasks for a person, letters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("templates", sa.Column("kind", sa.String(length=32), nullable=False, server_default="email"))
    op.add_column("contacts", sa.Column("address", Json, nullable=False, server_default="[]"))
    op.add_column("communications", sa.Column("segments", sa.Integer(), nullable=True))
    op.add_column("communications", sa.Column("text_to", sa.String(length=32), nullable=True))
    op.create_index("ix_communications_text_to", "communications", ["text_to"])
    op.add_column("foresights", sa.Column("asked_since", sa.Date(), nullable=True))
    for kind in ("call", "letter", "review"):
        op.add_column(
            "foresights", sa.Column(f"asks_{kind}", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    row_security.announce(op.get_bind(), None)
    op.execute("UPDATE foresights SET basis = ''")  # they do not say yet who is asked for something
    op.create_table(
        "text_stops",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_text_stops_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "number", name="pk_text_stops"),
    )
    row_security.protect(op.get_bind(), "text_stops")


def downgrade() -> None:
    op.drop_table("text_stops")
    for column in ("asks_review", "asks_letter", "asks_call", "asked_since"):
        op.drop_column("foresights", column)
    op.drop_index("ix_communications_text_to", "communications")
    op.drop_column("communications", "text_to")
    op.drop_column("communications", "segments")
    op.drop_column("contacts", "address")
    op.drop_column("templates", "kind")
