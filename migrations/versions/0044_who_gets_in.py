"""who made a token or an invitation, one table of invitations, and what remains of a trial"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store import row_security

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
    op.execute("DELETE FROM invitations WHERE role IS NULL")
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
