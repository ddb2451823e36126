"""Special terms in words: “2 % off if paid within 10 days of the issue day, up to 30 Nov 2026”."""

from __future__ import annotations

from credit_control.words import Count, Day, Money
from kit.wording import N_
from store.models import AgreedTerms


def in_words(row: AgreedTerms) -> str:
    """“2 % off if paid within 10 days of the issue day, up to 30 Nov 2026”."""
    until, off = Day(row.until), _off(row)
    within = None if row.within_days is None else Count(row.within_days, "day")
    given = None if row.due_days is None else Count(row.due_days, "day")
    if off is None:
        return N_(f"due {given} after the issue day, up to {until}")
    if given is None and within is None:
        return N_(f"{off} off if paid by {until}")
    if given is None:
        return N_(f"{off} off if paid within {within} of the issue day, up to {until}")
    if within is None:
        return N_(f"{off} off if paid by {until}, and due {given} after the issue day")
    return N_(f"{off} off if paid within {within} of the issue day, and due {given} after it, up to {until}")


def _off(row: AgreedTerms) -> str | None:
    if row.amount is not None:
        return str(Money(row.amount, row.currency or ""))
    return None if row.percent is None else f"{row.percent.normalize():f} %"
