"""How far a new organisation has come with its set-up, and the day on which it wants to go live."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import false
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Id, OrganisationId, Words


class SetupStep(Base):
    """One step of the set-up that somebody has been through. What was chosen stands where it belongs, not here."""

    __tablename__ = "setup_steps"

    organisation_id: Mapped[OrganisationId]
    step: Mapped[Code] = mapped_column(primary_key=True)
    """who, firmness, when, whom_not, old_debt; put_away: nobody wants to be reminded of the rest."""
    done_by: Mapped[Words]
    chosen: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What no other table says: of ``old_debt`` the choice (leave, letter, calls) and the days overdue from which it holds."""


class PlannedStart(Base):
    """The day on which chasing goes live by itself. The row goes in the same transaction as the switch is moved."""

    __tablename__ = "planned_starts"

    organisation_id: Mapped[OrganisationId]
    id: Mapped[Id]
    """Another one for each wish, so that nobody carries out one that was taken back meanwhile."""
    on: Mapped[date]
    """A day of the organisation's calendar."""
    wanted_by: Mapped[Words]
    person_id: Mapped[Id | None]
    """Who said yes; None: a program, by its token."""
    mails: Mapped[int]
    """How many mails would have left by the end of that day, as it was said yes to."""
    reminders_stay_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It is known that the ledger reminds customers as well."""
    refused: Mapped[Words | None]
    """Why it was not carried out; None: it is still to come."""
