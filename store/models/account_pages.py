"""The page on which a customer sees its account and answers: whose links open it, where it is, what was said on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words

_TO_LOOK_AT = text("next_check_at IS NOT NULL")


class AccountPages(Base):
    """How an organisation offers account pages. Without a row everything is as the columns' defaults say."""

    __tablename__ = "account_pages"
    __table_args__ = (
        Index(None, "host"),
        Index(
            "ix_account_pages_next_check",
            "next_check_at",
            sqlite_where=_TO_LOOK_AT,
            postgresql_where=_TO_LOOK_AT,
        ),
    )

    organisation_id: Mapped[OrganisationId]
    offered: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Mails carry links, and the links work."""
    link_days: Mapped[int] = mapped_column(default=90, server_default="90")
    """For how long a link works."""
    promise_days: Mapped[int] = mapped_column(default=30, server_default="30")
    """A day of payment no farther ahead than this is taken as a promise at once; a later one waits for a person."""
    host: Mapped[Words | None]
    """The organisation's own name for the page, in small letters; None: the installation's address."""
    host_state: Mapped[Code] = mapped_column(default="unchecked", server_default="unchecked")
    """unchecked, ready, failing (was ready once)"""
    host_used: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A person has looked at the page under its own name and wants it in mails."""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    """What the DNS said at the last look: name, ok, text."""
    checked_at: Mapped[datetime | None]
    next_check_at: Mapped[datetime | None]


class AccountLink(Base):
    """A link that one message carried. Only its digest is kept, so who reads the database cannot open the page."""

    __tablename__ = "account_links"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
        ),
        Index(None, "organisation_id", "contact_id"),
    )

    organisation_id: Mapped[OrganisationId]
    communication_id: Mapped[Id] = mapped_column(primary_key=True)
    contact_id: Mapped[Id]
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[Words | None]
    renewed_at: Mapped[datetime | None]
    """When a fresh one was last asked for and sent in its place."""


class PageAnswer(Base):
    """What a customer said on its account page, as it was clicked and typed; the answer itself is a communication."""

    __tablename__ = "page_answers"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contacts.organisation_id", "contacts.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "communication_id"], ["communications.organisation_id", "communications.id"]
        ),
        Index(None, "organisation_id", "contact_id", "created_at"),
    )

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    """Follows from the form that was shown, so that it is given once however often it is sent."""
    communication_id: Mapped[Id]
    contact_id: Mapped[Id]
    what: Mapped[Code]
    """paid, will_pay, wrong, not_me, copy, message, preferences"""
    details: Mapped[dict[str, Any]]
    """What the form held beside the customer's own words: days as ISO 8601, amounts as text."""
    created_at: Mapped[datetime]
