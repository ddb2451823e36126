"""practices, their people and clients, and how each consent came about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant, Json

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_IN_FORCE = sa.text("ended_at IS NULL")
_WAITING = sa.text("state IN ('waiting', 'undo')")


def upgrade() -> None:
    _practices()
    _clients()
    _questions()
    _sets()
    op.add_column("communications", sa.Column("practice_id", sa.String(length=32), nullable=True))
    by_practice = sa.text("practice_id IS NOT NULL")
    op.create_index(
        "ix_communications_by_practice",
        "communications",
        ["organisation_id", "created_at", "id"],
        sqlite_where=by_practice,
        postgresql_where=by_practice,
    )
    for table in (
        "practice_member_clients",
        "practice_clients",
        "practice_asks",
        "practice_set_uses",
        "practice_run_clients",
    ):
        row_security.protect(op.get_bind(), table)


def _practices() -> None:
    op.create_table(
        "practices",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_practices"),
    )
    op.create_table(
        "practice_members",
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("all_clients", sa.Boolean(), nullable=False),
        sa.Column("joined_at", Instant, nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="fk_practice_members_practice_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_practice_members_person_id"),
        sa.PrimaryKeyConstraint("practice_id", "person_id", name="pk_practice_members"),
    )
    op.create_index("ix_practice_members_person_id", "practice_members", ["person_id"])


def _clients() -> None:
    op.create_table(
        "practice_member_clients",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_practice_member_clients_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name="fk_practice_member_clients_practice_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_practice_member_clients_person_id"),
        sa.PrimaryKeyConstraint(
            "organisation_id", "practice_id", "person_id", name="pk_practice_member_clients"
        ),
    )
    op.create_index(
        "ix_practice_member_clients_practice_id_person_id",
        "practice_member_clients",
        ["practice_id", "person_id"],
    )
    op.create_table(
        "practice_clients",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("consent_by", sa.Text(), nullable=False),
        sa.Column("consent_at", Instant, nullable=False),
        sa.Column("consent_words", sa.Text(), nullable=False),
        sa.Column("consent_how", sa.String(length=32), nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.Column("service_level", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_practice_clients_organisation_id"
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="fk_practice_clients_practice_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_practice_clients"),
    )
    op.create_index(
        "uq_practice_clients_in_force",
        "practice_clients",
        ["practice_id", "organisation_id"],
        unique=True,
        sqlite_where=_IN_FORCE,
        postgresql_where=_IN_FORCE,
    )


def _questions() -> None:
    op.create_table(
        "practice_invitations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("accepted_at", Instant, nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name="fk_practice_invitations_practice_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_practice_invitations"),
        sa.UniqueConstraint("token_digest", name="uq_practice_invitations_token_digest"),
    )
    op.create_index(
        "ix_practice_invitations_practice_id_created_at",
        "practice_invitations",
        ["practice_id", "created_at"],
    )
    op.create_table(
        "practice_asks",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("consent_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("consent_words", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("settled_at", Instant, nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("practice_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_practice_asks_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_practice_asks_person_id"),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="fk_practice_asks_practice_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_practice_asks"),
        sa.UniqueConstraint("token_digest", name="uq_practice_asks_token_digest"),
    )


def _sets() -> None:
    op.create_table(
        "practice_sets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("preset", sa.String(length=32), nullable=True),
        sa.Column("steps", Json, nullable=False),
        sa.Column("texts", Json, nullable=False),
        sa.Column("window", Json, nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="fk_practice_sets_practice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_practice_sets"),
    )
    op.create_index("ix_practice_sets_practice_id", "practice_sets", ["practice_id"])
    op.create_table(
        "practice_set_uses",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("set_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.String(length=32), nullable=True),
        sa.Column("schedule_number", sa.Integer(), nullable=True),
        sa.Column("texts", Json, nullable=False),
        sa.Column("window", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_practice_set_uses_organisation_id"
        ),
        sa.ForeignKeyConstraint(["set_id"], ["practice_sets.id"], name="fk_practice_set_uses_set_id"),
        sa.PrimaryKeyConstraint("organisation_id", "set_id", name="pk_practice_set_uses"),
    )
    _runs()


def _runs() -> None:
    op.create_table(
        "practice_runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("set_id", sa.String(length=32), nullable=True),
        sa.Column("to", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name="fk_practice_runs_practice_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_practice_runs_person_id"),
        sa.ForeignKeyConstraint(["set_id"], ["practice_sets.id"], name="fk_practice_runs_set_id"),
        sa.PrimaryKeyConstraint("id", name="pk_practice_runs"),
    )
    op.create_index("ix_practice_runs_practice_id", "practice_runs", ["practice_id"])
    op.create_table(
        "practice_run_clients",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("before", Json, nullable=True),
        sa.Column("done_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_practice_run_clients_organisation_id"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["practice_runs.id"], name="fk_practice_run_clients_run_id"),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", name="pk_practice_run_clients"),
    )
    op.create_index(
        "ix_practice_run_clients_waiting",
        "practice_run_clients",
        ["organisation_id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_communications_by_practice", "communications")
    op.drop_column("communications", "practice_id")
    for table in (
        "practice_run_clients",
        "practice_runs",
        "practice_set_uses",
        "practice_sets",
        "practice_asks",
        "practice_invitations",
        "practice_clients",
        "practice_member_clients",
        "practice_members",
        "practices",
    ):
        op.drop_table(table)
