"""what things are found by, saved views, tags of customers"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from kit.folding import distinct_words
from store import row_security
from store.found_by import contact_words, invoice_words
from store.types import Instant, Json

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000


def upgrade() -> None:
    op.add_column("contacts", sa.Column("found_by", sa.Text(), nullable=True))
    op.add_column("invoices", sa.Column("found_by", sa.Text(), nullable=True))
    op.create_table(
        "message_words",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("communication_id", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_message_words_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "communication_id"],
            ["communications.organisation_id", "communications.id"],
            name="fk_message_words_organisation_id_communication_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "communication_id", name="pk_message_words"),
    )
    op.create_table(
        "saved_views",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opens_first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_saved_views_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_saved_views_person_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views_organisation_id_page", "saved_views", ["organisation_id", "page"])
    op.create_table(
        "contact_tags",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("put_by", sa.Text(), nullable=False),
        sa.Column("put_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_contact_tags_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_contact_tags_organisation_id_contact_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "contact_id", "tag", name="pk_contact_tags"),
    )
    op.create_index("ix_contact_tags_organisation_id_tag", "contact_tags", ["organisation_id", "tag"])
    _make_bulk()
    connection = op.get_bind()
    for table in ("message_words", "saved_views", "contact_tags", "bulk_runs", "bulk_items"):
        row_security.protect(connection, table)
    _find(connection, _CONTACTS, contact_words)
    _find(connection, _INVOICES, invoice_words)
    _keep_words(connection)


def _make_bulk() -> None:
    op.create_table(
        "bulk_runs",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("wish", Json, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("finished_at", Instant, nullable=True),
        sa.Column("undoes", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_bulk_runs_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_bulk_runs_person_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_bulk_runs"),
    )
    op.create_index(
        "ix_bulk_runs_under_way",
        "bulk_runs",
        ["organisation_id"],
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "bulk_items",
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("before", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_bulk_items_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "run_id"],
            ["bulk_runs.organisation_id", "bulk_runs.id"],
            name="fk_bulk_items_organisation_id_run_id",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", "place", name="pk_bulk_items"),
    )


_CONTACTS = sa.table(
    "contacts",
    *map(
        sa.column,
        ("organisation_id", "id", "name", "first_name", "last_name", "email", "phone", "mobile", "found_by"),
    ),
    sa.column("persons", Json),
)
_INVOICES = sa.table(
    "invoices", *map(sa.column, ("organisation_id", "id", "number", "reference", "found_by"))
)
_SAID = sa.table(
    "communications",
    *map(sa.column, ("organisation_id", "id", "subject", "body_text", "from_name", "from_email")),
    sa.column("created_at", Instant),
)
_WORDS = sa.table(
    "message_words",
    *map(sa.column, ("organisation_id", "communication_id", "words")),
    sa.column("created_at", Instant),
)


def _find(connection: sa.Connection, table: Any, words: Any) -> None:
    """What is there already is found as well."""
    own = (
        table.c.organisation_id == sa.bindparam("organisation"),
        table.c.id == sa.bindparam("key"),
    )
    statement = sa.update(table).where(*own).values(found_by=sa.bindparam("words"))
    for rows in _parts(connection, table):
        connection.execute(
            statement,
            [{"organisation": row["organisation_id"], "key": row["id"], "words": words(row)} for row in rows],
        )


def _keep_words(connection: sa.Connection) -> None:
    for rows in _parts(connection, _SAID):
        said = [
            {
                "organisation_id": row["organisation_id"],
                "communication_id": row["id"],
                "words": distinct_words(
                    row["subject"], row["body_text"], row["from_name"], row["from_email"]
                ),
                "created_at": row["created_at"],
            }
            for row in rows
        ]
        if found := [one for one in said if one["words"]]:
            connection.execute(sa.insert(_WORDS), found)


def _parts(connection: sa.Connection, table: Any) -> Iterator[list[Any]]:
    """All rows in the order of their keys, some at a time."""
    key, last = sa.tuple_(table.c.organisation_id, table.c.id), ("", "")
    while (
        rows := connection.execute(
            sa.select(table).where(key > last).order_by(table.c.organisation_id, table.c.id).limit(_AT_ONCE)
        )
        .mappings()
        .all()
    ):
        yield list(rows)
        last = (rows[-1]["organisation_id"], rows[-1]["id"])


def downgrade() -> None:
    for table in ("bulk_items", "bulk_runs", "contact_tags", "saved_views", "message_words"):
        op.drop_table(table)
    for table in ("invoices", "contacts"):
        op.drop_column(table, "found_by")
