"""Whose money is at risk, and why: what is overdue from customers of whom something speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from credit_control.payer.rating import Rating
from kit.wording import _, ngettext
from services.payer.words import decimal_of
from store.models import PayerRating
from store.queries import payers as queries
from store.queries.payers import Overdue

OLD_DAYS: Final = 60
SLOWER_DAYS: Final = 5
MOST: Final = 25


@dataclass(frozen=True, slots=True)
class Risk:
    """A customer's overdue money in one currency, and what speaks against its coming."""

    overdue: Overdue
    rating: str
    drivers: tuple[str, ...]


def risks(
    session: Session, organisation_id: str, today: date
) -> tuple[Mapping[str, list[Risk]], Mapping[str, int]]:
    """By currency, the largest sums first, at most ``MOST``; and how many there are in all."""
    rated = queries.ratings(session, organisation_id)
    found: dict[str, list[Risk]] = {}
    many: dict[str, int] = {}
    for one in queries.overdue(session, organisation_id, today):
        row = rated.get(one.contact_id)
        if told := _drivers(one, row, today):
            many[one.currency] = many.get(one.currency, 0) + 1
            if many[one.currency] <= MOST:
                risk = Risk(one, row.rating if row else Rating.NEW.value, told)
                found.setdefault(one.currency, []).append(risk)
    return found, many


def _drivers(one: Overdue, row: PayerRating | None, today: date) -> tuple[str, ...]:
    told = []
    inputs = row.inputs if row else {}
    if row and row.rating == Rating.POOR:
        told.append(_("pays %(days)s days late, weighted", days=decimal_of(inputs["weighted_days_late"])))
    trend = inputs.get("trend")
    if trend is not None and Decimal(trend) >= SLOWER_DAYS:
        told.append(_("pays %(days)s days later than half a year ago", days=decimal_of(trend)))
    oldest = (today - one.oldest).days
    if oldest > OLD_DAYS:
        told.append(
            ngettext("oldest invoice %(count)s day overdue", "oldest invoice %(count)s days overdue", oldest)
        )
    broken = inputs.get("promises_judged", 0) - inputs.get("promises_kept", 0)
    if broken > 0:
        told.append(ngettext("%(count)s promise not kept", "%(count)s promises not kept", broken))
    return tuple(told)
