"""What a rule asks of a contact, answered from its book, in words where it is so.

Sums are of one currency each and are never added. Names and texts are compared without regard to case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from credit_control.facts import ContactBook, Invoice
from credit_control.placing_rules import Condition, Trait
from credit_control.stops import is_open
from credit_control.words import Count, Money


class Seen:
    """One contact on one day, as the conditions look at it; worked out when one asks, and once."""

    def __init__(self, book: ContactBook, today: date) -> None:
        self.book = book
        self.today = today

    @cached_property
    def open(self) -> tuple[Invoice, ...]:
        return tuple(one for one in self.book.invoices if is_open(one))

    @cached_property
    def balances(self) -> dict[str, Decimal]:
        """What is owed and not in dispute, due or not, by currency."""
        sums: dict[str, Decimal] = {}
        for invoice in self.open:
            sums[invoice.currency] = sums.get(invoice.currency, Decimal(0)) + invoice.asked_for
        return sums

    @cached_property
    def oldest_due(self) -> date | None:
        return min((one.due_on for one in self.open), default=None)

    @property
    def days_overdue(self) -> int:
        """Days since the oldest open invoice was due; 0 while none is overdue."""
        return max((self.today - self.oldest_due).days, 0) if self.oldest_due else 0


def holds(conditions: Sequence[Condition], seen: Seen) -> str | None:
    """Why all of these hold, in words that follow “because”; None: at least one does not. No condition holds always."""
    if not conditions:
        return "it is for every customer"
    words: list[str] = []
    for one in conditions:
        said = _said(one, seen)
        if said is None:
            return None
        words.append(said)
    return " and ".join(words)


def turns_on(conditions: Sequence[Condition], seen: Seen) -> int | None:
    """The next day (ordinal) on which time alone can change the answer; None: only news can."""
    if seen.oldest_due is None:
        return None
    due, today = seen.oldest_due.toordinal(), seen.today.toordinal()
    bounds = (
        bound
        for one in conditions
        if one.trait is Trait.DAYS_OVERDUE
        for bound in (one.at_least, one.below)
        if bound is not None
    )
    return min((day for bound in bounds if (day := due + int(bound)) > today), default=None)


def _said(one: Condition, seen: Seen) -> str | None:
    """One condition in words if it holds."""
    match one.trait:
        case Trait.GROUP:
            return _if(f"it is in the group “{one.text}”", _is_among(one.text, seen.book.contact.groups))
        case Trait.COUNTRY:
            words = one.words or f"“{one.text}”"
            return _if(f"its country is {words}", _is_among(one.text, (seen.book.contact.country or "",)))
        case Trait.CURRENCY:
            return _if(f"it owes something in {one.text}", one.text in seen.balances)
        case Trait.FIRST_INVOICE:
            return _if("no invoice of it has been paid yet", not seen.book.contact.has_paid)
        case Trait.NAME:
            return _if(f"its name has “{one.text}” in it", _contains(seen.book.contact.name, one.text))
        case Trait.REFERENCE:
            return _reference(one, seen)
        case Trait.BALANCE:
            owed = seen.balances.get(one.text, Decimal(0))
            return _if(f"it owes {Money(owed, one.text)}", _within(owed, one))
        case Trait.DAYS_OVERDUE:
            words = f"its oldest debt is {Count(seen.days_overdue, 'day')} overdue"
            return _if(words, _within(Decimal(seen.days_overdue), one))


def _if(words: str, holds_true: bool) -> str | None:
    return words if holds_true else None


def _within(value: Decimal, one: Condition) -> bool:
    return (one.at_least is None or value >= one.at_least) and (one.below is None or value < one.below)


def _is_among(text: str, names: Sequence[str]) -> bool:
    return text.strip().casefold() in {name.strip().casefold() for name in names}


def _contains(text: str | None, part: str) -> bool:
    return part.casefold() in (text or "").casefold()


def _reference(one: Condition, seen: Seen) -> str | None:
    for invoice in seen.open:
        if _contains(invoice.reference, one.text) or _contains(invoice.number, one.text):
            return f"invoice {invoice.number} has “{one.text}” in its reference or number"
    return None
