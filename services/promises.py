"""A promise to pay: chasing rests until its day has passed, and some working days longer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.facts import HoldKind
from credit_control.stops import last_day_of_grace
from credit_control.words import Money
from kit.errors import UserError
from services import holds
from store.facts import policy_of
from store.models import Hold, Organisation

_FARTHEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody said: by which day, and how much of it (None: all that is asked for)."""

    on: date
    amount: Decimal | None = None
    currency: str | None = None

    @property
    def text(self) -> str:
        """``GBP 500.00 by 24 November 2026``"""
        by = f"by {format_date(self.on, 'd MMMM y', locale='en_GB')}"
        return f"{Money(self.amount, self.currency)} {by}" if self.amount and self.currency else by


def check(promise: Promise, organisation: Organisation, now: datetime) -> None:
    """``UserError`` for a day that is over, or too far away to wait for, and for an amount without its currency."""
    today = local_day(policy_of(organisation).window, now)
    if promise.on < today:
        raise UserError("The promised day is over already; give the day on which the money is to come.")
    if (promise.on - today).days > _FARTHEST_DAYS:
        raise UserError("The promised day is more than a year away; put the customer on hold instead.")
    if (promise.amount is None) != (promise.currency is None):
        raise UserError("Give the promised amount together with its currency, or neither of them.")
    if promise.amount is not None and promise.amount <= 0:
        raise UserError("The promised amount must be more than nothing.")


def keep(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoice_ids: Collection[str],
    promise: Promise,
    *,
    by: str,
    now: datetime,
    communication_id: str | None = None,
) -> list[Hold]:
    """Let these invoices (none: the whole contact) rest until the promise has had its time. The caller rings for planning."""
    check(promise, organisation, now)
    policy = policy_of(organisation)
    until = last_day_of_grace(promise.on, policy.promise_grace_days, policy.window.off)
    concerned: list[str | None] = [*sorted(invoice_ids)] or [None]
    return [
        holds.put(
            session,
            organisation.id,
            contact_id,
            kind=HoldKind.PROMISE,
            reason=f"Promised {promise.text}",
            by=by,
            now=now,
            invoice_id=invoice_id,
            until=until,
            communication_id=communication_id,
        )
        for invoice_id in concerned
    ]
