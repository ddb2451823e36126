"""customers are found by their telephone numbers however these are written"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from store.found_by import contact_words
from store.types import Json

revision = "0078"
down_revision = "0076"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000
_CONTACTS = sa.table(
    "contacts",
    *map(
        sa.column,
        ("organisation_id", "id", "name", "first_name", "last_name", "email", "phone", "mobile", "found_by"),
    ),
    sa.column("persons", Json),
)


def upgrade() -> None:
    connection, its = op.get_bind(), _CONTACTS.c
    own = (its.organisation_id == sa.bindparam("organisation"), its.id == sa.bindparam("key"))
    statement = sa.update(_CONTACTS).where(*own).values(found_by=sa.bindparam("words"))
    for rows in _with_numbers(connection):
        connection.execute(
            statement,
            [
                {"organisation": row["organisation_id"], "key": row["id"], "words": contact_words(row)}
                for row in rows
            ],
        )


def downgrade() -> None:
    """What was found by more is found by that still."""


def _with_numbers(connection: sa.Connection) -> Iterator[list[Any]]:
    """Customers that have a number, in the order of their keys, some at a time."""
    its = _CONTACTS.c
    key, last = sa.tuple_(its.organisation_id, its.id), ("", "")
    known = sa.select(_CONTACTS).where(sa.or_(its.phone.is_not(None), its.mobile.is_not(None)))
    ordered = known.order_by(its.organisation_id, its.id).limit(_AT_ONCE)
    while rows := list(connection.execute(ordered.where(key > last)).mappings()):
        yield rows
        last = (rows[-1]["organisation_id"], rows[-1]["id"])
