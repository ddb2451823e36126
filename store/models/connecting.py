"""How an organisation's connection to the ledger began and ended, and what the ledger refused over it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class ConnectionMark(Base):
    """The connection began, or ended, at this moment. Rows are only ever added."""

    __tablename__ = "connection_marks"
    __table_args__ = (Index(None, "organisation_id", "at"),)

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    what: Mapped[Code]
    """connected, disconnected, removed, lost"""
    by: Mapped[Words]
    """Who did it: a person's name, Xero, or Dunnock."""


class LedgerRefusal(Base):
    """Something that the ledger refused, in its own words; the same on the same day is one row that counts."""

    __tablename__ = "ledger_refusals"
    __table_args__ = (Index(None, "organisation_id", "last_at"), Index(None, "last_at"))

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id] = mapped_column(primary_key=True)
    tried: Mapped[Code]
    """The call, by its name in the ledger's own library."""
    lane: Mapped[Code]
    """For what the call was made: check, news, notes, sweep."""
    status: Mapped[int]
    words: Mapped[Words]
    """The ledger's own; empty where it gave none."""
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
