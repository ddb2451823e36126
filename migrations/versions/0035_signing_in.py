"""people sign in beside the ledger, and are invited"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store import row_security
from store.types import Instant

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _made_anew(
            sa.Column("subject", sa.String(length=64), nullable=True),
            sa.Column("last_seen_at", Instant, nullable=True),
        )
    else:
        op.alter_column("people", "subject", existing_type=sa.String(length=64), nullable=True)
        op.add_column("people", sa.Column("last_seen_at", Instant, nullable=True))
    with op.batch_alter_table("api_tokens") as tokens:
        tokens.add_column(sa.Column("name", sa.Text(), server_default="", nullable=False))
        tokens.add_column(sa.Column("created_by", sa.Text(), nullable=True))
        tokens.add_column(sa.Column("last_used_at", Instant, nullable=True))
        tokens.add_column(sa.Column("revoked_by", sa.Text(), nullable=True))
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.Column("practice_id", sa.String(length=32), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("mailed_at", Instant, nullable=True),
        sa.Column("mail_problem", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", Instant, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("accepted_at", Instant, nullable=True),
        sa.Column("accepted_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_invitations_organisation_id"
        ),
        sa.ForeignKeyConstraint(["accepted_by"], ["people.id"], name="fk_invitations_accepted_by"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_digest", name="uq_invitations_token_digest"),
    )
    op.create_index(
        "ix_invitations_organisation_id_created_at", "invitations", ["organisation_id", "created_at"]
    )
    op.create_index("ix_invitations_practice_id_created_at", "invitations", ["practice_id", "created_at"])
    row_security.protect(op.get_bind(), "invitations")
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("last_used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_passkeys_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
    )
    op.create_index("ix_passkeys_person_id", "passkeys", ["person_id"])
    op.create_table(
        "passwords",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("codes_cipher", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("changed_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_passwords_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_passwords"),
        sa.UniqueConstraint("email", name="uq_passwords_email"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_recovery_codes_person_id"),
        sa.PrimaryKeyConstraint("person_id", "digest", name="pk_recovery_codes"),
    )
    op.create_table(
        "password_resets",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_password_resets_person_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_password_resets"),
    )
    op.create_index("ix_password_resets_person_id", "password_resets", ["person_id"])
    op.create_table(
        "used_challenges",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_used_challenges"),
    )
    op.create_index("ix_used_challenges_expires_at", "used_challenges", ["expires_at"])
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sign_ins_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_person_id_at", "sign_ins", ["person_id", "at"])


def downgrade() -> None:
    for table in (
        "sign_ins",
        "used_challenges",
        "password_resets",
        "recovery_codes",
        "passwords",
        "passkeys",
        "invitations",
    ):
        op.drop_table(table)
    with op.batch_alter_table("api_tokens") as tokens:
        for column in ("revoked_by", "last_used_at", "created_by", "name"):
            tokens.drop_column(column)
    op.execute("UPDATE people SET subject = 'without ' || id WHERE subject IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        _made_anew(sa.Column("subject", sa.String(length=64), nullable=False))
    else:
        op.drop_column("people", "last_seen_at")
        op.alter_column("people", "subject", existing_type=sa.String(length=64), nullable=False)


def _made_anew(*columns: sa.Column[Any]) -> None:
    """SQLite changes no column. The rows are back under the same name before it looks at who refers to them."""
    kept = "id, subject, email, name, created_at, signed_out_at"
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE people_before AS SELECT {kept} FROM people")  # noqa: S608  # fixed names
    op.drop_table("people")
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("signed_out_at", Instant, nullable=True),
        *columns,
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("subject", name="uq_people_subject"),
    )
    op.execute(f"INSERT INTO people ({kept}) SELECT {kept} FROM people_before")  # noqa: S608  # fixed names
    op.drop_table("people_before")
