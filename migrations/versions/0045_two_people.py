"""plans that are ended with their organisation; what two people agreed to is carried out once, whoever comes to its end; who asked for what is undone of a run"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant, Json

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_AGREED = sa.text("next_try_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("asked_changes", sa.Column("decided_by_person", sa.String(length=32), nullable=True))
    op.add_column("asked_changes", sa.Column("next_try_at", Instant, nullable=True))
    op.add_column("asked_changes", sa.Column("carried_out", Json, server_default="[]", nullable=False))
    op.create_index(
        "ix_asked_changes_agreed",
        "asked_changes",
        ["next_try_at"],
        sqlite_where=_AGREED,
        postgresql_where=_AGREED,
    )
    op.add_column("payers", sa.Column("checkout_key", sa.String(length=32), nullable=True))
    op.add_column("payers", sa.Column("checkout_since", Instant, nullable=True))
    op.add_column("payers", sa.Column("end_wanted_at", Instant, nullable=True))
    op.add_column("practice_run_clients", sa.Column("undo_by", sa.Text(), nullable=True))
    op.add_column("practice_run_clients", sa.Column("undo_by_person", sa.String(length=32), nullable=True))


def downgrade() -> None:
    for name in ("end_wanted_at", "checkout_since", "checkout_key"):
        op.drop_column("payers", name)
    op.drop_column("practice_run_clients", "undo_by_person")
    op.drop_column("practice_run_clients", "undo_by")
    op.drop_index("ix_asked_changes_agreed", "asked_changes")
    for name in ("carried_out", "next_try_at", "decided_by_person"):
        op.drop_column("asked_changes", name)
