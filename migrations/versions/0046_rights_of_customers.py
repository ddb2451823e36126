"""what a customer has a right to: restricting, erasing, and how long things are kept"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import append_only, row_security
from store.types import Instant, Json

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_OF_CONTACTS = (
    ("restricted_at", Instant),
    ("restricted_by", sa.Text()),
    ("legal_hold_at", Instant),
    ("legal_hold_by", sa.Text()),
)


def upgrade() -> None:
    for name, kind in _OF_CONTACTS:
        op.add_column("contacts", sa.Column(name, kind, nullable=True))
    op.add_column("organisations", sa.Column("kept_days", Json, nullable=False, server_default="{}"))
    op.add_column("organisations", sa.Column("kept_looked_at", Instant, nullable=True))
    op.add_column("data_exports", sa.Column("contact_id", sa.String(length=32), nullable=True))
    op.create_table(
        "erasures",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("because", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_person", sa.String(length=32), nullable=True),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("kept_elsewhere", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("step", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rows", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("finished_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_erasures_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_organisation_id_finished_at", "erasures", ["organisation_id", "finished_at"])
    op.create_table(
        "erased_addresses",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("wants_nothing", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("noted_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_erased_addresses_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "digest", name="pk_erased_addresses"),
    )
    for table in ("erasures", "erased_addresses"):
        row_security.protect(op.get_bind(), table)
    append_only.unguard(op.get_bind())
    append_only.guard(op.get_bind())


def downgrade() -> None:
    append_only.unguard(op.get_bind())
    append_only.guard(op.get_bind(), erasures=False)
    for table in ("erased_addresses", "erasures"):
        op.drop_table(table)
    op.drop_column("data_exports", "contact_id")
    op.drop_column("organisations", "kept_looked_at")
    op.drop_column("organisations", "kept_days")
    for name, _ in reversed(_OF_CONTACTS):
        op.drop_column("contacts", name)
