"""who made a token or an invitation, one table of invitations, and what remains of a trial"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_security.announce(op.get_bind(), None)
    for column in ("own_email", "own_name"):
        op.add_column("people", sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False))
    _whose_name_is_their_own()
    with op.batch_alter_table("api_tokens") as tokens:
        tokens.add_column(sa.Column("created_by_person", sa.String(length=32), nullable=True))
        tokens.add_column(sa.Column("practice_id", sa.String(length=32), nullable=True))
        tokens.add_column(sa.Column("revoked_because", sa.Text(), nullable=True))
    _who_made_tokens()
    op.add_column("deleted_organisations", sa.Column("trial_last_day", sa.Date(), nullable=True))
    with op.batch_alter_table("invitations") as invitations:
        invitations.add_column(sa.Column("consent_words", sa.Text(), nullable=True))
        invitations.add_column(sa.Column("invited_by_person", sa.String(length=32), nullable=True))
        invitations.add_column(sa.Column("by_practice_id", sa.String(length=32), nullable=True))
        invitations.add_column(sa.Column("withdrawn_because", sa.Text(), nullable=True))
        invitations.alter_column("role", existing_type=sa.String(length=32), nullable=True)
    _who_invited()
    _one_table()


def _one_table() -> None:
    """Those of practices and of their clients stand with the others. Their links are of another make, and have to be sent again."""
    op.execute(
        "INSERT INTO invitations (id, kind, practice_id, email, role, invited_by, token_digest, created_at, expires_at,"
        " accepted_at, withdrawn_at) SELECT id, kind, practice_id, lower(email), role, invited_by, token_digest,"
        " created_at, expires_at, accepted_at, withdrawn_at FROM practice_invitations"
    )
    op.execute(
        "INSERT INTO invitations (id, kind, organisation_id, practice_id, email, consent_words, invited_by,"
        " invited_by_person, token_digest, created_at, expires_at, accepted_at, withdrawn_at, withdrawn_by)"
        " SELECT id, 'client_asks', organisation_id, practice_id, email, consent_words, consent_by, person_id,"
        " token_digest, created_at, expires_at, CASE WHEN practice_id IS NOT NULL THEN settled_at END,"
        " CASE WHEN practice_id IS NULL THEN settled_at END, CASE WHEN practice_id IS NULL THEN settled_by END"
        " FROM practice_asks"
    )
    op.drop_table("practice_asks")
    op.drop_table("practice_invitations")


def _whose_name_is_their_own() -> None:
    """Whoever came without the ledger, or signs in with their address, is who they say."""
    op.execute("UPDATE people SET own_email = true, own_name = true WHERE subject IS NULL")
    op.execute("UPDATE people SET own_email = true WHERE id IN (SELECT person_id FROM passwords)")


def _who_made_tokens() -> None:
    """The audit log knows of those that were made on a page."""
    made = (
        "SELECT {} FROM audit_entries WHERE audit_entries.organisation_id = api_tokens.organisation_id"
        " AND audit_entries.subject = 'api_token' AND audit_entries.act = 'added'"
        " AND audit_entries.subject_id = api_tokens.id"
    )
    for column, kept in (("created_by_person", "person_id"), ("practice_id", "practice_id")):
        op.execute(f"UPDATE api_tokens SET {column} = ({made.format(f'max({kept})')})")  # noqa: S608  # fixed names


def _who_invited() -> None:
    made = (
        "SELECT {} FROM audit_entries WHERE audit_entries.organisation_id = invitations.organisation_id"
        " AND audit_entries.subject = 'invitation' AND audit_entries.act = 'added'"
        " AND audit_entries.subject_id = invitations.id"
    )
    for column, kept in (("invited_by_person", "person_id"), ("by_practice_id", "practice_id")):
        op.execute(f"UPDATE invitations SET {column} = ({made.format(f'max({kept})')})")  # noqa: S608  # fixed names


def downgrade() -> None:
    row_security.announce(op.get_bind(), None)
    _three_tables()
    op.execute("DELETE FROM invitations WHERE kind <> 'member'")
    with op.batch_alter_table("invitations") as invitations:
        invitations.alter_column("role", existing_type=sa.String(length=32), nullable=False)
        for column in ("withdrawn_because", "by_practice_id", "invited_by_person", "consent_words"):
            invitations.drop_column(column)
    op.drop_column("deleted_organisations", "trial_last_day")
    with op.batch_alter_table("api_tokens") as tokens:
        for column in ("revoked_because", "practice_id", "created_by_person"):
            tokens.drop_column(column)
    for column in ("own_name", "own_email"):
        op.drop_column("people", column)


def _three_tables() -> None:
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
    row_security.protect(op.get_bind(), "practice_asks")
    op.execute(
        "INSERT INTO practice_invitations (id, practice_id, kind, email, role, token_digest, invited_by, created_at,"
        " expires_at, accepted_at, withdrawn_at) SELECT id, practice_id, kind, email, role, token_digest, invited_by,"
        " created_at, expires_at, accepted_at, withdrawn_at FROM invitations"
        " WHERE kind IN ('practice_staff', 'practice_client')"
    )
    op.execute(
        "INSERT INTO practice_asks (organisation_id, id, email, token_digest, consent_by, person_id, consent_words,"
        " created_at, expires_at, settled_at, settled_by, practice_id) SELECT organisation_id, id, email, token_digest,"
        " invited_by, invited_by_person, consent_words, created_at, expires_at, coalesce(accepted_at, withdrawn_at),"
        " withdrawn_by, practice_id FROM invitations WHERE kind = 'client_asks' AND invited_by_person IS NOT NULL"
    )
