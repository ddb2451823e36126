"""Whether the books look kept up: chasing goes by payments that somebody has entered, or it chases who has paid."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from credit_control import brakes as rules
from credit_control.brakes import Doubt, WhenBooksLag
from credit_control.calendar import local_day
from services.habits import HALF_YEAR, books_limit_of
from store.facts import policy_of
from store.models import Organisation
from store.queries import brakes as queries


def doubt(session: Session, organisation: Organisation, now: datetime) -> Doubt | None:
    """Whether the books look unreconciled; None: they do not, or there is no habit to judge them by."""
    limit = books_limit_of(session, organisation)
    if limit is None:
        return None
    today = local_day(policy_of(organisation).window, now)
    return rules.doubt(_last_sign(session, organisation, today, now, limit), today, limit)


def softens(session: Session, organisation: Organisation, now: datetime) -> Doubt | None:
    """The doubt of which mails are to speak; None: there is none, or the organisation wants mails held instead."""
    if organisation.when_books_lag != WhenBooksLag.SOFTEN:
        return None
    return doubt(session, organisation, now)


def _last_sign(
    session: Session, organisation: Organisation, today: date, now: datetime, limit: int
) -> date | None:
    """The day of the last payment; when that is long ago, the day on which one was last entered, if later.

    A bookkeeper who has just worked off three weeks of bank lines may find nothing in them newer than a week.
    """
    known = queries.habits(session, organisation.id)
    reconciled = bool(known and known.reconciles)
    first = today - HALF_YEAR
    paid = queries.last_paid(session, organisation.id, first, today, reconciled=reconciled)
    if paid and (today - paid).days <= limit:
        return paid
    entered = queries.last_entered(session, organisation.id, first, now, reconciled=reconciled)
    entered_on = local_day(policy_of(organisation).window, entered) if entered else None
    return max((day for day in (paid, entered_on) if day), default=None)
