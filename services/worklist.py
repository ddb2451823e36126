"""The calls to be made, in the order in which they are worth making, each with why it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.call_order import Ranked, in_order
from credit_control.words import Money
from kit.wording import _, ngettext
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
    parts = [_overdue(case.overdue, (today - case.oldest_due_on).days)]
    if case.calls:
        parts.append(
            ngettext(
                "reached %(reached)s of %(count)s time in a year",
                "reached %(reached)s of %(count)s times in a year",
                case.calls,
                reached=case.reached,
            )
        )
    if case.promises:
        parts.append(
            ngettext(
                "kept %(kept)s of %(count)s promise",
                "kept %(kept)s of %(count)s promises",
                case.promises,
                kept=case.kept,
            )
        )
    return f"{'; '.join(parts)}."


def _overdue(amounts: Mapping[str, Decimal], days: int) -> str:
    sums: Money | str = ""
    for currency, amount in sorted(amounts.items()):
        one = Money(amount, currency)
        sums = _("%(several)s and %(last)s", several=sums, last=one) if sums else one
    if not sums:
        return _("Nothing overdue yet")
    return ngettext(
        "%(sums)s overdue, the oldest part for %(count)s day",
        "%(sums)s overdue, the oldest part for %(count)s days",
        days,
        sums=sums,
    )
