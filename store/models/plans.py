"""Hosted use: the trial of an organisation, who pays, and for which organisations."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, LedgerId, OrganisationId, Words


class TrialPeriod(Base):
    """The one trial that an organisation ever has. It stays when the connection ends, so there is no second."""

    __tablename__ = "trial_periods"
    __table_args__ = (Index(None, "next_look_at"),)

    organisation_id: Mapped[OrganisationId]
    started_at: Mapped[datetime]
    last_day: Mapped[date]
    """The organisation's day with which the trial ends."""
    disconnect_on: Mapped[date]
    """The organisation's day on which it is disconnected, unless somebody pays for it."""
    next_look_at: Mapped[datetime]
    """When it is due to be looked at whether anything has come to its end."""


class Payer(Base):
    """Somebody with an account at the billing provider, and how their subscription stands by its own word.

    A row of its own because one payer may pay for several organisations.
    """

    __tablename__ = "payers"
    __table_args__ = (Index(None, "next_look_at"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    customer: Mapped[LedgerId] = mapped_column(unique=True)
    """The provider's id of the account."""
    state: Mapped[Code]
    """none, active, past_due, ended"""
    period_ends_at: Mapped[datetime | None]
    """Up to when is paid."""
    ends_at: Mapped[datetime | None]
    """When a subscription that was cancelled comes to its end; None: it goes on."""
    past_due_since: Mapped[datetime | None]
    """When a payment was first seen to be missing."""
    read_at: Mapped[datetime | None]
    """When the provider was last asked."""
    next_look_at: Mapped[datetime]
    problem: Mapped[Words | None]
    """Why the provider could not be asked the last time."""
    checkout_key: Mapped[Code | None]
    """Under this word the provider was asked for a page on which to begin a plan: the same word is the same page."""
    checkout_since: Mapped[datetime | None]
    """Since when it is this word."""
    end_wanted_at: Mapped[datetime | None]
    """Since when the plan is to be ended at the provider, because what it was for is deleted; the row goes with it."""


class PaidFor(Base):
    """Who pays for an organisation."""

    __tablename__ = "paid_for"
    __table_args__ = (Index(None, "payer_id"),)

    organisation_id: Mapped[OrganisationId]
    payer_id: Mapped[Id] = mapped_column(ForeignKey("payers.id"))
    since: Mapped[datetime]
