"""Figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import convert
from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS, Ageing, bucket_of
from services import practice_usage, text_costs
from store.queries import pages
from store.queries.pages import DueDay
from web.api import shapes
from web.api.caller import Caller
from web.api.fields import money


def report_ageing(caller: Caller, session: Session) -> shapes.AgeingReport:
    """What is due by days overdue, currency by currency; no currency is added to another."""
    days = pages.open_by_due_day(session, caller.organisation_id)
    aged = _aged(days, caller.today(session))
    return shapes.AgeingReport(
        as_of=caller.organisation(session).synced_at,
        currencies={one.currency: _shown(one) for one in aged},
    )


def report_text_messages(caller: Caller, session: Session) -> list[shapes.TextMessages]:
    """Text messages by month with what they cost, as far as their provider has said it; the last twelve months."""
    found = text_costs.months(session, caller.organisation(session), caller.now)
    return [
        shapes.TextMessages(
            month=one.first,
            texts=one.texts,
            segments=one.segments,
            costs=[shapes.Cost(currency=code, amount=str(amount)) for code, amount in one.sums.items()],
            not_said=one.not_said,
        )
        for one in found
    ]


def report_usage(caller: Caller, session: Session) -> list[shapes.Usage]:
    """What was done in each of the last twelve months, with the accountants' service level: for their billing."""
    organisation = caller.organisation(session)
    level = practice_usage.service_level_of(session, organisation.id)
    months = practice_usage.last_months(caller.today(session), 12)
    found = [one for month in months for one in practice_usage.counted_of(session, [organisation], month)]
    return [
        shapes.Usage(
            month=one.month,
            service_level=level,
            emails=one.emails,
            text_messages=one.texts,
            letters=one.letters,
            calls=one.calls,
            replies=one.replies,
            notes=one.notes,
        )
        for one in found
    ]


def _aged(days: Iterable[DueDay], today: date) -> list[Ageing]:
    """From sums by due date, so that a large ledger costs little."""
    amounts: dict[str, list[Decimal]] = {}
    for day in days:
        buckets = amounts.setdefault(day.currency, [Decimal(0)] * len(BUCKETS))
        buckets[bucket_of((today - day.due_on).days)] += day.amount_due
    return [Ageing(currency, tuple(buckets)) for currency, buckets in sorted(amounts.items())]


def _shown(one: Ageing) -> shapes.Ageing:
    figures = one.by_bucket | {"total": one.total}
    return convert({name: money(amount) for name, amount in figures.items()}, shapes.Ageing)
