"""addresses of customers that no mail goes to, since something came back from there

Holds in force because mail came back stay as they are: they hold the whole customer, and somebody sees to each.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None

_IN_FORCE = sa.text("lifted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "stopped_addresses",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        sa.Column("since", Instant, nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", Instant, nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_stopped_addresses_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_stopped_addresses_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_stopped_addresses"),
    )
    op.create_index(
        "uq_stopped_addresses_in_force",
        "stopped_addresses",
        ["organisation_id", "contact_id", "address"],
        unique=True,
        sqlite_where=_IN_FORCE,
        postgresql_where=_IN_FORCE,
    )
    row_security.protect(op.get_bind(), "stopped_addresses")


def downgrade() -> None:
    op.drop_table("stopped_addresses")
