"""people: roles at a customer, the ledger's telephone numbers, and addresses that changed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_THERE = sa.text("removed_at IS NULL")
_ASKED = sa.text("confirmed_at IS NULL")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("mobile", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("invoices", sa.Column("sent", sa.Boolean(), nullable=True))
    op.add_column("communications", sa.Column("cc", Json, server_default="[]", nullable=False))
    op.add_column("communications", sa.Column("to_role", sa.String(length=32), nullable=True))
    op.add_column("communications", sa.Column("copy_roles", Json, server_default="[]", nullable=False))
    op.create_table(
        "contact_people",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("mobile", sa.String(length=32), nullable=True),
        sa.Column("roles", Json, nullable=False),
        sa.Column("of_ledger", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", Instant, nullable=False),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_contact_people_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_contact_people_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_contact_people"),
    )
    op.create_index(
        "ix_contact_people_there",
        "contact_people",
        ["organisation_id", "contact_id"],
        sqlite_where=_THERE,
        postgresql_where=_THERE,
    )
    op.create_table(
        "changed_addresses",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("instead_of", sa.Text(), nullable=True),
        sa.Column("noticed_at", Instant, nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_changed_addresses_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_changed_addresses_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", "address", name="pk_changed_addresses"),
    )
    op.create_index(
        "ix_changed_addresses_asked",
        "changed_addresses",
        ["organisation_id", "contact_id"],
        sqlite_where=_ASKED,
        postgresql_where=_ASKED,
    )
    row_security.protect(op.get_bind(), "contact_people")
    row_security.protect(op.get_bind(), "changed_addresses")


def downgrade() -> None:
    op.drop_table("changed_addresses")
    op.drop_table("contact_people")
    for column in ("copy_roles", "to_role", "cc"):
        op.drop_column("communications", column)
    op.drop_column("invoices", "sent")
    op.drop_column("contacts", "phone")
    op.drop_column("contacts", "mobile")
