"""minutes that are assumed to be saved, and notes by the day on which they were written"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Json

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

_WRITTEN = "ix_ledger_notes_organisation_id_written_at"


def upgrade() -> None:
    op.add_column("organisations", sa.Column("minutes_saved", Json, nullable=False, server_default="{}"))
    op.create_index(_WRITTEN, "ledger_notes", ["organisation_id", "written_at"])


def downgrade() -> None:
    op.drop_index(_WRITTEN, "ledger_notes")
    op.drop_column("organisations", "minutes_saved")
