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
    row_security.protect(op.get_bind(), "occasion_switches")


def downgrade() -> None:
    op.drop_table("occasion_switches")
    op.drop_column("contacts", "last_courtesy_at")
    op.drop_column("communications", "occasion")
