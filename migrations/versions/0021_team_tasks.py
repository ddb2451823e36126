"""tasks of colleagues; an owner and a day for every hold; what notes in the ledger say, and what people noted there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from credit_control.calendar import add_working_days
from kit import clock
from store import row_security
from store.types import Instant, Json

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_OPEN = sa.text("finished_at IS NULL")
_REFUSED = sa.text("status = 'refused'")
_WANTED = sa.text("wanted_at IS NOT NULL")
_OWNERS = """
    UPDATE holds SET owner_id = coalesce(
        (SELECT m.person_id FROM contacts c JOIN memberships m
            ON m.organisation_id = c.organisation_id AND m.person_id = c.owner_id
            WHERE c.organisation_id = holds.organisation_id AND c.id = holds.contact_id),
        (SELECT m.person_id FROM memberships m JOIN people p ON p.id = m.person_id
            WHERE m.organisation_id = holds.organisation_id
            ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'manager' THEN 1 WHEN 'practice_admin' THEN 2
                WHEN 'read_only' THEN 4 ELSE 3 END, p.created_at, p.id
            LIMIT 1)
    )
"""
"""Whoever looks after the customer, else the first who is in charge."""


def upgrade() -> None:
    op.create_table(
        "team_tasks",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=True),
        sa.Column("contact_id", sa.String(length=32), nullable=True),
        sa.Column("invoice_id", sa.String(length=32), nullable=True),
        sa.Column("communication_id", sa.String(length=32), nullable=True),
        sa.Column("hold_id", sa.String(length=32), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("finished_by", sa.Text(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("story", Json, server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_team_tasks_organisation_id"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_team_tasks_owner_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_team_tasks_organisation_id_contact_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invoice_id"],
            ["invoices.organisation_id", "invoices.id"],
            name="fk_team_tasks_organisation_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_team_tasks"),
    )
    op.create_index(
        "ix_team_tasks_open",
        "team_tasks",
        ["organisation_id", "due_on", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_team_tasks_organisation_id_contact_id", "team_tasks", ["organisation_id", "contact_id"])
    op.create_index("ix_team_tasks_organisation_id_finished_at", "team_tasks", ["organisation_id", "finished_at"])
    op.add_column("holds", sa.Column("owner_id", sa.String(length=32), nullable=True))
    op.add_column("holds", sa.Column("look_on", sa.Date(), server_default="1970-01-01", nullable=False))
    _give_owners_and_days()
    op.add_column("ledger_notes", sa.Column("fact", sa.Text(), nullable=True))
    op.add_column("ledger_notes", sa.Column("tried_together", sa.String(length=32), nullable=True))
    op.create_index(
        "ix_ledger_notes_refused",
        "ledger_notes",
        ["organisation_id", "created_at"],
        sqlite_where=_REFUSED,
        postgresql_where=_REFUSED,
    )
    op.add_column(
        "organisations", sa.Column("notes_without_text", Json, server_default="[]", nullable=False)
    )
    op.add_column("contacts", sa.Column("note_text", sa.String(length=32), nullable=True))
    op.create_table(
        "history_readings",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("wanted_at", Instant(), nullable=True),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_history_readings_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "target", "document_id", name="pk_history_readings"),
    )
    op.create_index(
        "ix_history_readings_wanted",
        "history_readings",
        ["next_try_at", "organisation_id"],
        sqlite_where=_WANTED,
        postgresql_where=_WANTED,
    )
    row_security.protect(op.get_bind(), "history_readings")
    row_security.protect(op.get_bind(), "team_tasks")


def _give_owners_and_days() -> None:
    """Holds of before are looked at on their last day, or in three working days."""
    connection = op.get_bind()
    row_security.announce(connection, None)
    connection.execute(sa.text(_OWNERS))
    soon = add_working_days(clock.today("UTC"), 3)
    connection.execute(sa.text("UPDATE holds SET look_on = coalesce(until, :soon)").bindparams(
        sa.bindparam("soon", soon, sa.Date())
    ))


def downgrade() -> None:
    op.drop_table("history_readings")
    op.drop_column("contacts", "note_text")
    op.drop_column("organisations", "notes_without_text")
    op.drop_index("ix_ledger_notes_refused", table_name="ledger_notes")
    op.drop_column("ledger_notes", "tried_together")
    op.drop_column("ledger_notes", "fact")
    op.drop_column("holds", "look_on")
    op.drop_column("holds", "owner_id")
    op.drop_table("team_tasks")
