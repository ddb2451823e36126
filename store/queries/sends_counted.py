"""How right the reminders of a period were, counted by the database: of a year of many there are too many to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer, and_, cast, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from store.models import Communication, CommunicationInvoice, Invoice
from store.queries.figures import LEFT_AT, left_between, went_wrong


@dataclass(frozen=True, slots=True)
class Counted:
    """Reminders that left, as far as they are about one currency."""

    sends: int = 0
    went_wrong: int = 0
    """They came back, or were answered with “already paid”."""


class utc_day(FunctionElement[date]):  # noqa: N801  # reads as the function that it is
    """The day of a moment in UTC."""

    type = Date()
    inherit_cache = True


@compiles(utc_day, "sqlite")
def _sqlite(element: utc_day, compiler: SQLCompiler, **how: Any) -> str:
    return f"date({compiler.process(element.clauses, **how)})"


@compiles(utc_day, "postgresql")
def _postgresql(element: utc_day, compiler: SQLCompiler, **how: Any) -> str:
    return f"(({compiler.process(element.clauses, **how)}) AT TIME ZONE 'UTC')::date"


def sends_counted(
    session: Session, organisation_id: str, since: datetime, before: datetime
) -> dict[str, Counted]:
    """By currency; a reminder counts once in each currency of its invoices."""
    message, about = Communication, CommunicationInvoice
    each = (
        select(about.currency, message.id, cast(went_wrong(), Integer).label("wrong"))
        .join(
            about,
            and_(about.organisation_id == message.organisation_id, about.communication_id == message.id),
        )
        .where(left_between(organisation_id, since, before))
        .distinct()
        .subquery()
    )
    rows = session.execute(
        select(each.c.currency, func.count(), func.sum(each.c.wrong)).group_by(each.c.currency)
    )
    return {currency: Counted(count, int(wrong or 0)) for currency, count, wrong in rows}


def perhaps_paid(
    session: Session, organisation_id: str, since: datetime, before: datetime
) -> Iterator[tuple[str, str, datetime, date]]:
    """(reminder, currency, when it left, when an invoice of it was paid) of all that may have asked for paid invoices.

    The organisation's day is at most the one after that of UTC: whoever was paid later than on that of UTC was not
    paid before the organisation's day, and is left out here. Of the others the caller's zone decides.
    """
    message, about = Communication, CommunicationInvoice
    rows = session.execute(
        select(message.id, about.currency, LEFT_AT, Invoice.fully_paid_on)
        .join(
            about,
            and_(about.organisation_id == message.organisation_id, about.communication_id == message.id),
        )
        .join(Invoice, and_(Invoice.organisation_id == about.organisation_id, Invoice.id == about.invoice_id))
        .where(left_between(organisation_id, since, before), Invoice.fully_paid_on <= utc_day(LEFT_AT))
    )
    for key, currency, at, paid_on in rows:
        if at is not None and paid_on is not None:
            yield key, currency, at, paid_on
