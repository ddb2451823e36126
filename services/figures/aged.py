"""What was open on any day, by how late it was: by days overdue, or by the calendar month of the due day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS, bucket_of
from credit_control.figures.by_month import aged_by_month
from store.queries import figures, pages

By = Literal["days", "months"]


def aged(
    session: Session, organisation_id: str, on: date, today: date, by: By
) -> dict[str, dict[str, Decimal]]:
    """By currency the amount in each bucket, of what was issued by then.

    Today it is what the ledger says is due, so credits are not taken off.
    """
    found = {}
    for currency, amounts in sorted(_open_by_due_day(session, organisation_id, on, today).items()):
        found[currency] = aged_by_month(amounts.items(), on) if by == "months" else _by_days(amounts, on)
    return found


def _open_by_due_day(
    session: Session, organisation_id: str, on: date, today: date
) -> dict[str, dict[date, Decimal]]:
    found: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    if on >= today:
        for day in pages.open_by_due_day(session, organisation_id, issued_by=today):
            found[day.currency][day.due_on] += day.amount_due
        return found
    for currency, invoices in figures.concerning_together(session, organisation_id, on).items():
        for one in invoices:
            if left := one.open_at(on):
                found[currency][one.due_on] += left
    return found


def _by_days(amounts: dict[date, Decimal], on: date) -> dict[str, Decimal]:
    found = [Decimal(0)] * len(BUCKETS)
    for due_on, amount in amounts.items():
        found[bucket_of((on - due_on).days)] += amount
    return dict(zip(BUCKETS, found, strict=True))
