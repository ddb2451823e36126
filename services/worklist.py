"""The calls to be made, in the order in which they are worth making, each with why it stands there."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.call_order import Ranked, in_order
from credit_control.words import Count, Money
from store.queries import call_cases

_A_YEAR = timedelta(days=365)


def calls_in_order(session: Session, organisation_id: str, today: date, now: datetime) -> list[Ranked]:
    """Whom to call, first things first. ``today`` is the organisation's day."""
    ids = call_cases.to_call(session, organisation_id, today)
    if not ids:
        return []
    cases = call_cases.cases(session, organisation_id, ids, today, now - _A_YEAR)
    return in_order(cases, call_cases.typical_overdue(session, organisation_id, today), today)


def why_here(ranked: Ranked, today: date) -> str:
    """``GBP 4,300.00 is overdue, the oldest part for 45 days; reached 2 of 3 times.``"""
    case = ranked.case
    sums = " and ".join(str(Money(amount, currency)) for currency, amount in sorted(case.overdue.items()))
    days = Count((today - case.oldest_due_on).days, "day")
    parts = [f"{sums} overdue, the oldest part for {days}" if sums else "Nothing overdue yet"]
    if case.calls:
        parts.append(f"reached {case.reached} of {Count(case.calls, 'time')} in a year")
    if case.promises:
        parts.append(f"kept {case.kept} of {Count(case.promises, 'promise')}")
    return f"{'; '.join(parts)}."
