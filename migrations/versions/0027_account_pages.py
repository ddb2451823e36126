"""the account pages of customers: links, the page's own name, and what was said there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TO_LOOK_AT = sa.text("next_check_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "account_pages",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("link_days", sa.Integer(), nullable=False, server_default="90"),
        sa.Column("promise_days", sa.Integer(), nullable=False, server_default="30"),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("host_state", sa.String(length=32), nullable=False, server_default="unchecked"),
        sa.Column("host_used", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("findings", Json, nullable=False, server_default="[]"),
        sa.Column("checked_at", Instant, nullable=True),
        sa.Column("next_check_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_account_pages_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_account_pages"),
    )
    op.create_index("ix_account_pages_host", "account_pages", ["host"])
    op.create_index(
        "ix_account_pages_next_check",
        "account_pages",
        ["next_check_at"],
        sqlite_where=_TO_LOOK_AT,
        postgresql_where=_TO_LOOK_AT,
    )
    op.create_table(
        "account_links",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("renewed_at", Instant, nullable=True),
        *_keys("account_links"),
        sa.UniqueConstraint("digest", name="uq_account_links_digest"),
    )
    op.create_index(
        "ix_account_links_organisation_id_contact_id", "account_links", ["organisation_id", "contact_id"]
    )
    op.create_table(
        "page_answers",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        *_keys("page_answers", "id"),
    )
    op.create_index(
        "ix_page_answers_organisation_id_contact_id_created_at",
        "page_answers",
        ["organisation_id", "contact_id", "created_at"],
    )
    for table in ("account_pages", "account_links", "page_answers"):
        row_security.protect(op.get_bind(), table)


def _keys(table: str, key: str = "communication_id") -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name=f"fk_{table}_organisation_id_contact_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "communication_id"],
            ["communications.organisation_id", "communications.id"],
            name=f"fk_{table}_organisation_id_communication_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", key, name=f"pk_{table}"),
    )


def downgrade() -> None:
    op.drop_table("page_answers")
    op.drop_table("account_links")
    op.drop_table("account_pages")
