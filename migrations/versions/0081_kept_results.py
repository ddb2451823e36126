"""what was worked out of a whole book last, and how often something of it was worked out anew"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Json

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

_TABLES = ("kept_results", "book_turns")


def _of_organisation(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return (
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
        ),
    )


def upgrade() -> None:
    op.create_table(
        "kept_results",
        *_of_organisation("kept_results"),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "name", name="pk_kept_results"),
    )
    op.create_table(
        "book_turns",
        *_of_organisation("book_turns"),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_book_turns"),
    )
    for table in _TABLES:
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
