"""Who there is at a customer beyond what the ledger knows, and which of its addresses somebody must say yes to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_THERE = text("removed_at IS NULL")
_ASKED = text("confirmed_at IS NULL")
_AWAY = text("ended_at IS NULL")


class ContactPerson(Base):
    """Somebody at a customer as a person of ours entered it: a role of one of the ledger's persons, or a further person."""

    __tablename__ = "contact_people"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "ix_contact_people_there",
            "organisation_id",
            "contact_id",
            sqlite_where=_THERE,
            postgresql_where=_THERE,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    name: Mapped[Words]
    """Empty: as the ledger has it."""
    email: Mapped[Words | None]
    """In small letters."""
    mobile: Mapped[Code | None]
    """E.164: +447700900123."""
    roles: Mapped[list[str]]
    """payables, approver, owner, escalation"""
    of_ledger: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It tells more of an address that the ledger has, and means nothing once the ledger has it no more."""
    entered_by: Mapped[Words]
    entered_at: Mapped[datetime]
    removed_by: Mapped[Words | None]
    removed_at: Mapped[datetime | None]


class ChangedAddress(Base):
    """An address that came to a customer whom we knew already: nothing goes there until somebody says yes to it."""

    __tablename__ = "changed_addresses"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "ix_changed_addresses_asked",
            "organisation_id",
            "contact_id",
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    address: Mapped[Words] = mapped_column(primary_key=True)
    """In small letters."""
    instead_of: Mapped[Words | None]
    """The address that went when this one came; None: it came beside the others."""
    noticed_at: Mapped[datetime]
    confirmed_by: Mapped[Words | None]
    confirmed_at: Mapped[datetime | None]


class PersonAway(Base):
    """Somebody at a customer whose mailbox said that they are away: what goes to them alone waits meanwhile."""

    __tablename__ = "people_away"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "ix_people_away_away",
            "organisation_id",
            "contact_id",
            sqlite_where=_AWAY,
            postgresql_where=_AWAY,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    address: Mapped[Words] = mapped_column(primary_key=True)
    """In small letters."""
    until: Mapped[date]
    """The last day on which nothing goes there."""
    sentence: Mapped[Words]
    """The words of the mail that said so; empty where only its headers did."""
    communication_id: Mapped[Id]
    """The mail."""
    noticed_at: Mapped[datetime]
    stand_in_name: Mapped[Words | None]
    stand_in_email: Mapped[Words | None]
    """Whom the mail names to turn to meanwhile; in small letters."""
    settled_by: Mapped[Words | None]
    """Who took the stand-in for a person of the customer, or did not."""
    settled_at: Mapped[datetime | None]
    ended_by: Mapped[Words | None]
    """Who said that they are back already."""
    ended_at: Mapped[datetime | None]


class ChannelWish(Base):
    """How a customer likes to hear from us, and how not: one row a channel, which says who noted it and how it is known."""

    __tablename__ = "channel_wishes"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        Index(
            "ix_channel_wishes_wished",
            "organisation_id",
            "contact_id",
            sqlite_where=_AWAY,
            postgresql_where=_AWAY,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    contact_id: Mapped[Id] = mapped_column(primary_key=True)
    channel: Mapped[Code] = mapped_column(primary_key=True)
    """email, sms, call, letter"""
    wish: Mapped[Code]
    """preferred, unwanted, suggested (the customer asked for it, and nobody has said yes)"""
    how: Mapped[Words]
    """How it is known, in words: on the telephone, by its account page."""
    said_by: Mapped[Words]
    """Who noted it: a colleague, or whoever at the customer said so on the account page."""
    said_at: Mapped[datetime]
    ended_by: Mapped[Words | None]
    ended_at: Mapped[datetime | None]
