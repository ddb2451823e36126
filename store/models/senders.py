"""Who writes an organisation's mails, and how these leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_WAITING = text("status = 'pending'")


class Sender(Base):
    """One who writes: a colleague, or a shared address such as accounts@."""

    __tablename__ = "senders"

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    email: Mapped[Words]
    signature: Mapped[Words | None]
    """None: the colleague's own, else the organisation's."""
    person_id: Mapped[Id | None] = mapped_column(ForeignKey("people.id"))
    """The colleague whose sender it is."""
    is_default: Mapped[bool]
    way: Mapped[Code]
    """provider: through the mail provider; mailbox: through the sender's own mailbox"""
    state: Mapped[Code]
    """unchecked, ready, failing (its mails wait)"""
    problem: Mapped[Words | None]
    """Why it is failing, or was found not to be ready."""
    checked_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    """Before then nothing is handed to its mailbox."""
    mailbox: Mapped[dict[str, Any] | None]
    """host, port, security (starttls, tls), user, daily_limit; of one by sign-in: maker, and whether leave to read was given"""
    secret_cipher: Mapped[Words | None]
    """The app password of the mailbox, encrypted."""
    created_at: Mapped[datetime]


class MailboxReading(Base):
    """A sender's mailbox in which answers are looked for. Without this row nobody looks into it."""

    __tablename__ = "mailbox_readings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "sender_id"], ["senders.organisation_id", "senders.id"], ondelete="CASCADE"
        ),
        Index(None, "next_at"),
    )

    organisation_id: Mapped[OrganisationId]
    sender_id: Mapped[Id] = mapped_column(primary_key=True)
    host: Mapped[Words]
    port: Mapped[int]
    since: Mapped[datetime]
    """Nothing that came before is looked at."""
    switched_on_by: Mapped[Words]
    places: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How far each folder has been read: ``{"INBOX": [validity, next number]}``."""
    next_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When it was last read to its end."""
    found: Mapped[int] = mapped_column(default=0)
    """How many mails were kept since it was switched on."""
    failures: Mapped[int] = mapped_column(default=0)
    """How often in a row it could not be read."""
    problem: Mapped[Words | None]
    refused: Mapped[bool] = mapped_column(default=False)
    """The problem is one that a person has to mend: it lets us in no more."""


class SendingDomain(Base):
    """A domain that mails leave from through the mail provider, and what its DNS said when it was last looked at."""

    __tablename__ = "sending_domains"
    __table_args__ = (Index(None, "next_check_at"),)

    organisation_id: Mapped[OrganisationId]
    domain: Mapped[Words] = mapped_column(primary_key=True)
    provider_id: Mapped[Words]
    """The mail provider's id of the authentication."""
    records: Mapped[list[dict[str, Any]]]
    """What the provider wants in DNS: host, type, value."""
    state: Mapped[Code]
    """unchecked, ready, failing"""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """What was found at the last look: name, ok, text."""
    checked_at: Mapped[datetime | None]
    next_check_at: Mapped[datetime]


class Forward(Base):
    """A customer's answer on its way to the mailbox of the colleague whose mail it answers. Handed over at most once."""

    __tablename__ = "forwards"
    __table_args__ = (
        Index("ix_forwards_pending", "next_try_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    organisation_id: Mapped[OrganisationId]
    communication_id: Mapped[Id] = mapped_column(primary_key=True)
    """The answer."""
    to: Mapped[Words]
    status: Mapped[Code]
    """pending, sent, refused, unknown (handed over, and nobody said whether it was taken)"""
    problem: Mapped[Words | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
