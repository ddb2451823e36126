"""control: messages changed or hurried by hand, paused schedules, notices to colleagues, replays"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = ("edited_texts", "internal_notices", "replays")
_PENDING = sa.text("status IN ('pending', 'sending')")


def upgrade() -> None:
    op.add_column("communications", sa.Column("at_once_by", sa.Text(), nullable=True))
    op.add_column("schedules", sa.Column("paused_at", Instant, nullable=True))
    op.add_column("schedules", sa.Column("paused_by", sa.Text(), nullable=True))
    op.add_column("schedules", sa.Column("paused_because", sa.Text(), nullable=True))
    op.add_column(
        "organisations", sa.Column("approval", sa.String(length=32), server_default="off", nullable=False)
    )
    op.add_column(
        "memberships", sa.Column("evening_notice", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("foresights", sa.Column("name", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_foresights_resting",
        "foresights",
        ["organisation_id", "rank", "name", "contact_id"],
        sqlite_where=sa.text("rank IS NOT NULL"),
        postgresql_where=sa.text("rank IS NOT NULL"),
    )
    row_security.announce(op.get_bind(), None)
    op.execute("UPDATE foresights SET basis = ''")  # they do not know their names yet
    _edited_texts()
    _internal_notices()
    _replays()
    for table in _TABLES:
        row_security.protect(op.get_bind(), table)


def _edited_texts() -> None:
    op.create_table(
        "edited_texts",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("about", Json, nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_edited_texts_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "communication_id"],
            ["communications.organisation_id", "communications.id"],
            name="fk_edited_texts_organisation_id_communication_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "communication_id", name="pk_edited_texts"),
    )
    op.create_index(
        "ix_edited_texts_organisation_id_contact_id", "edited_texts", ["organisation_id", "contact_id"]
    )


def _internal_notices() -> None:
    op.create_table(
        "internal_notices",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("next_try_at", Instant, nullable=False),
        sa.Column("sent_at", Instant, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_internal_notices_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_internal_notices_person_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_internal_notices"),
    )
    op.create_index(
        "ix_internal_notices_pending",
        "internal_notices",
        ["next_try_at", "organisation_id"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("schedule_version_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("tally", Json, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("done_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_replays_organisation_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "schedule_version_id"],
            ["schedule_versions.organisation_id", "schedule_versions.id"],
            name="fk_replays_organisation_id_schedule_version_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "schedule_version_id", name="pk_replays"),
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_foresights_resting", "foresights")
    op.drop_column("foresights", "name")
    op.drop_column("memberships", "evening_notice")
    op.drop_column("organisations", "approval")
    for column in ("paused_because", "paused_by", "paused_at"):
        op.drop_column("schedules", column)
    op.drop_column("communications", "at_once_by")
