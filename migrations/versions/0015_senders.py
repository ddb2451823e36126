"""senders: several of an organisation, their domains and mailboxes, and answers passed on to them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kit.ids import derived_id
from store import row_security
from store.types import Instant, Json

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SENDERS = sa.table(
    "senders",
    *(sa.column(name) for name in ("organisation_id", "id", "name", "email", "way", "state")),
    sa.column("is_default", sa.Boolean()),
    sa.column("created_at", Instant()),
)
_SENDERS_BEFORE = """
    SELECT o.id, o.name, o.sender_name, o.sender_email, o.created_at, p.email
    FROM organisations o
    LEFT JOIN authorisations a ON a.id = o.authorisation_id
    LEFT JOIN people p ON p.id = a.person_id
    WHERE o.sender_name IS NOT NULL OR o.sender_email IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "senders",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("mailbox", Json, nullable=True),
        sa.Column("secret_cipher", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_senders_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_senders_person_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_senders"),
    )
    op.create_table(
        "sending_domains",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("records", Json, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("next_check_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_sending_domains_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "domain", name="pk_sending_domains"),
    )
    op.create_index("ix_sending_domains_next_check_at", "sending_domains", ["next_check_at"])
    op.create_table(
        "forwards",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("handed_over_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_forwards_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "communication_id", name="pk_forwards"),
    )
    op.create_index(
        "ix_forwards_pending",
        "forwards",
        ["next_try_at"],
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.add_column("contacts", sa.Column("owner_id", sa.String(length=32), nullable=True))
    op.add_column("communications", sa.Column("sender_id", sa.String(length=32), nullable=True))
    _bring_over()
    op.drop_column("organisations", "sender_name")
    op.drop_column("organisations", "sender_email")
    for table in ("senders", "sending_domains", "forwards"):
        row_security.protect(op.get_bind(), table)


def _bring_over() -> None:
    """The one sender that each organisation had is its default from now on, by the name and address it wrote with."""
    connection = op.get_bind()
    row_security.announce(connection, None)
    found = sa.text(_SENDERS_BEFORE).columns(created_at=Instant())
    for row in connection.execute(found).mappings().all():
        email = row["sender_email"] or row["email"]
        if not email:
            continue  # a name without any address has never written
        name = row["sender_name"] or row["name"]
        connection.execute(
            _SENDERS.insert().values(
                organisation_id=row["id"],
                id=derived_id("sender", row["id"]),
                name=name,
                email=email,
                is_default=True,
                way="provider",
                state="unchecked",
                created_at=row["created_at"],
            )
        )


def downgrade() -> None:
    op.add_column("organisations", sa.Column("sender_email", sa.Text(), nullable=True))
    op.add_column("organisations", sa.Column("sender_name", sa.Text(), nullable=True))
    row_security.announce(op.get_bind(), None)
    for column in ("name", "email"):
        op.execute(
            f"UPDATE organisations SET sender_{column} = (SELECT s.{column} FROM senders s"
            " WHERE s.organisation_id = organisations.id AND s.is_default)"
        )
    op.drop_column("communications", "sender_id")
    op.drop_column("contacts", "owner_id")
    op.drop_table("forwards")
    op.drop_table("sending_domains")
    op.drop_table("senders")
