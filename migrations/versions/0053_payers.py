"""how customers pay: ratings and their changes, the nightly look, and what money was expected when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Json, Money

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def _whose() -> sa.Column[str]:
    return sa.Column("organisation_id", sa.String(length=32), nullable=False)


def _of_contact(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name=f"fk_{table}_organisation_id_contact_id",
        ),
    )


def upgrade() -> None:
    op.create_table(
        "payer_ratings",
        _whose(),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("rating", sa.String(length=32), nullable=False),
        sa.Column("points", Money, nullable=True),
        sa.Column("inputs", Json, nullable=False),
        *_of_contact("payer_ratings"),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", name="pk_payer_ratings"),
    )
    op.create_index("ix_payer_ratings_organisation_id_rating", "payer_ratings", ["organisation_id", "rating"])
    op.create_table(
        "rating_changes",
        _whose(),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("inputs_before", Json, nullable=False),
        sa.Column("inputs", Json, nullable=False),
        *_of_contact("rating_changes"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_rating_changes"),
    )
    for column in ("changed_on", "contact_id"):
        op.create_index(
            f"ix_rating_changes_organisation_id_{column}", "rating_changes", ["organisation_id", column]
        )
    op.create_table(
        "payer_looks",
        _whose(),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("book", Json, nullable=False),
        sa.Column("tests", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_payer_looks_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_payer_looks"),
    )
    op.create_table(
        "cash_forecasts",
        _whose(),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=32), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("expected", Money, nullable=False),
        sa.Column("low", Money, nullable=False),
        sa.Column("high", Money, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_cash_forecasts_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "made_on", "currency", "week", name="pk_cash_forecasts"),
    )
    for table in ("payer_ratings", "rating_changes", "payer_looks", "cash_forecasts"):
        row_security.protect(op.get_bind(), table)


def downgrade() -> None:
    for table in ("cash_forecasts", "payer_looks", "rating_changes", "payer_ratings"):
        op.drop_table(table)
