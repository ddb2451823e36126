"""What people find things again by: words of messages, saved views, tags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, ForeignKeyConstraint, Index, event, false, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from kit.folding import distinct_words
from store.models.base import Base, Code, Id, OrganisationId, Said, Words
from store.models.communication import Communication


class MessageWords(Base):
    """The words of one message, each once. Beside the message and not in it, because all are looked through at once."""

    __tablename__ = "message_words"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"],
            ["communications.organisation_id", "communications.id"],
            ondelete="CASCADE",
        ),
    )

    organisation_id: Mapped[OrganisationId]
    communication_id: Mapped[Id] = mapped_column(primary_key=True)
    words: Mapped[Said]
    created_at: Mapped[datetime]
    """As its message has it, so that the newest are known without looking at all that were found."""


class SavedView(Base):
    """A list as somebody wants to see it again: the query string of its page."""

    __tablename__ = "saved_views"
    __table_args__ = (Index(None, "organisation_id", "page"),)

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    page: Mapped[Code]
    """customers, invoices, inbox, tasks, promises"""
    name: Mapped[Words]
    query: Mapped[Words]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    """Whose it is."""
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The whole team sees it."""
    opens_first: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Its owner sees it when they open the page without asking for anything."""
    created_at: Mapped[datetime]


class ContactTag(Base):
    """A word that people have put on a customer."""

    __tablename__ = "contact_tags"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(None, "organisation_id", "tag"),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    tag: Mapped[Words] = mapped_column(primary_key=True)
    """In small letters."""
    put_by: Mapped[Words]
    put_at: Mapped[datetime]


_SAID = ("subject", "body_text", "from_name", "from_email")


@event.listens_for(Communication, "after_insert")
def _new(_mapper: Mapper[Communication], connection: Connection, row: Communication) -> None:
    _keep(connection, row)


@event.listens_for(Communication, "before_update")
def _changed(_mapper: Mapper[Communication], connection: Connection, row: Communication) -> None:
    state = inspect(row)
    if any(state.attrs[part].history.has_changes() for part in ("subject", "body_text")):
        _keep(connection, row)


def _keep(connection: Connection, row: Communication) -> None:
    """Whoever says something through the session need not think of its being found."""
    keep_words(
        connection, {part: getattr(row, part) for part in ("organisation_id", "id", "created_at", *_SAID)}
    )


def keep_words(connection: Connection, row: Mapping[str, Any]) -> None:
    """The words of a message by the values of its row; one that says nothing (yet) has none."""
    words = distinct_words(*(row.get(part) for part in _SAID))
    if not words:
        return
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {
        "organisation_id": row["organisation_id"],
        "communication_id": row["id"],
        "words": words,
        "created_at": row["created_at"],
    }
    statement = insert(MessageWords).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id", "communication_id"],
            set_={"words": statement.excluded.words},
        )
    )
