"""What an invoice is asked for on a day where special terms were agreed: less if it is paid by a day, or later than due.

    last day of the discount = its issue day + the days agreed, at the latest the day on which the terms expire
    asked up to that day     = what is due − discount
    asked after it           = what is due, unless no more than the discount was left at the end of that day

Days are those of the organisation's own time zone. Terms that are taken back end the day before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from credit_control.figures.figure import round_half_up

_NOTHING = Decimal(0)
_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class SpecialTerms:
    """What was agreed with a customer, or about one invoice; a discount, other due days, or both."""

    agreed_on: date
    until: date
    """The last day on which any of it holds."""
    percent: Fraction | None = None
    """Of the invoice's total; 2 is 2 %."""
    amount: Decimal | None = None
    """In the invoice's currency; either this or ``percent``."""
    within_days: int | None = None
    """The discount is for who pays within so many days of the issue day; None: up to ``until``."""
    due_days: int | None = None
    """Due so many days after the issue day; never earlier than the ledger says."""
    taken_back_on: date | None = None


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What the terms need to know of an invoice. ``places``: the decimals of its currency."""

    issued_on: date
    due_on: date
    total: Decimal
    places: int = 2


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment or an allocated credit, on the ledger's day."""

    on: date
    amount: Decimal


class Standing(StrEnum):
    PLAIN = "plain"
    """No discount holds, and none was missed."""
    OFFERED = "offered"
    HONOURED = "honoured"
    """The discounted sum came in time: nothing is asked, and what is left needs a credit note in the ledger."""
    MISSED = "missed"
    PAID_LATE = "paid_late"
    """The discounted sum came, but late: the rest is asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """“``amount`` until ``until``, ``afterwards`` after”; without ``until`` just ``amount``."""

    amount: Decimal
    standing: Standing
    until: date | None = None
    afterwards: Decimal | None = None
    to_credit: Decimal = _NOTHING
    """What a credit note in the ledger has to take off."""


def asked_under(
    day: date,
    invoice: Invoiced,
    due: Decimal,
    settled: Sequence[Settled],
    of_invoice: Sequence[SpecialTerms],
    of_customer: Sequence[SpecialTerms],
) -> Asked | None:
    """What is asked for on a ``day`` under all terms that were ever agreed; None: none of them concerns it.

    Who paid as was agreed at the time owes nothing more, whatever was agreed afterwards.
    """
    preferred = [*reversed(of_invoice), *reversed(of_customer)]
    for place, one in enumerate(preferred):
        found = asked_on(day, invoice, due, settled, _until_replaced(one, preferred[:place]))
        if found.standing is Standing.HONOURED:
            return found
    counts = that_counts(of_invoice, of_customer)
    return asked_on(day, invoice, due, settled, counts) if counts else None


def passed(asked: Asked | None, day: date) -> Asked | None:
    """The same on a later ``day``, as long as nothing is paid or agreed: after its last day a discount is missed."""
    if asked is None or asked.until is None or asked.afterwards is None or day <= asked.until:
        return asked
    return Asked(asked.afterwards, Standing.MISSED)


def asked_on(
    day: date, invoice: Invoiced, due: Decimal, settled: Sequence[Settled], terms: SpecialTerms | None
) -> Asked:
    """What is asked for on a ``day``; ``due`` is what would be asked without terms (what is left and not in dispute)."""
    if terms is None or due <= 0 or day < terms.agreed_on:
        return Asked(due, Standing.PLAIN)
    off, last = discount_of(terms, invoice), discount_until(terms, invoice)
    if off is None or last is None:
        return Asked(due, Standing.PLAIN)
    if _left(invoice, settled, min(day, last)) <= off:
        return Asked(_NOTHING, Standing.HONOURED, to_credit=due)
    if day <= last:
        return Asked(max(due - off, _NOTHING), Standing.OFFERED, last, due)
    is_late = _left(invoice, settled, day) <= off
    return Asked(due, Standing.PAID_LATE if is_late else Standing.MISSED)


def gives_more(terms: SpecialTerms, before: SpecialTerms | None, *, of_one_invoice: bool) -> bool:
    """Whether terms lower or postpone anything that is asked, beside those ``before`` that they take the place of.

    An amount that is lowered for all invoices of a customer gives more as well: to those for which it was too much before.
    """
    if before is None or terms.until > before.until or (terms.due_days or 0) > (before.due_days or 0):
        return True
    if terms.percent is None and terms.amount is None:
        return False
    if terms.percent is not None and (before.percent is None or terms.percent > before.percent):
        return True
    if terms.amount is not None and (before.amount is None or terms.amount > before.amount):
        return True
    if terms.amount != before.amount and not of_one_invoice:
        return True
    return before.within_days is not None and (
        terms.within_days is None or terms.within_days > before.within_days
    )


def discount_of(terms: SpecialTerms, invoice: Invoiced) -> Decimal | None:
    """The discount in money, halves up to the currency's smallest coin; None: none, or it would leave nothing to pay."""
    off = terms.amount
    if terms.percent is not None:
        off = round_half_up(Fraction(invoice.total) * terms.percent / 100, invoice.places)
    return off if off is not None and 0 < off < invoice.total else None


def discount_until(terms: SpecialTerms, invoice: Invoiced) -> date | None:
    """The last day on which the discounted sum is enough; None: no discount, or its days were over before it was agreed."""
    if discount_of(terms, invoice) is None:
        return None
    return _held_until(terms, invoice, terms.within_days)


def due_day(terms: SpecialTerms | None, invoice: Invoiced) -> date:
    """When the invoice is due: as in the ledger, or later as agreed, but no later than the terms hold."""
    if terms is None or terms.due_days is None:
        return invoice.due_on
    return max(invoice.due_on, _held_until(terms, invoice, terms.due_days) or invoice.due_on)


def days_given(terms: SpecialTerms | None, invoice: Invoiced) -> tuple[date, date] | None:
    """First and last day after the ledger's due day that the terms gave, for which no interest or fee is asked; None: none."""
    if terms is None:
        return None
    last = max(due_day(terms, invoice), discount_until(terms, invoice) or invoice.due_on)
    first = max(invoice.due_on + _DAY, terms.agreed_on)
    return (first, last) if first <= last else None


def last_day_given(
    invoice: Invoiced, of_invoice: Sequence[SpecialTerms], of_customer: Sequence[SpecialTerms]
) -> date | None:
    """The last day after the ledger's due day that any terms gave; interest and fees begin after it. None: none was given."""
    preferred = [*reversed(of_invoice), *reversed(of_customer)]
    given = [
        days_given(_until_replaced(one, preferred[:place]), invoice) for place, one in enumerate(preferred)
    ]
    return max((days[1] for days in given if days), default=None)


def that_counts(
    of_invoice: Sequence[SpecialTerms], of_customer: Sequence[SpecialTerms]
) -> SpecialTerms | None:
    """An invoice's own terms go before its customer's, later ones before earlier; those taken back count for the days they held.

    Each sequence is in the order in which the terms were entered.
    """
    for found in (of_invoice, of_customer):
        standing = [one for one in found if one.taken_back_on is None]
        held = [one for one in found if _last_day(one) >= one.agreed_on]
        if standing or held:
            return (standing or held)[-1]
    return None


def _until_replaced(terms: SpecialTerms, preferred: Sequence[SpecialTerms]) -> SpecialTerms:
    """The terms up to the last day on which none that go before them held."""
    last = _last_day(terms)
    for other in sorted(preferred, key=lambda one: one.agreed_on, reverse=True):
        is_back = other.taken_back_on is not None and other.taken_back_on <= last
        if other.agreed_on <= last and not is_back:
            last = other.agreed_on - _DAY
    return replace(terms, until=min(terms.until, last))


def _held_until(terms: SpecialTerms, invoice: Invoiced, days: int | None) -> date | None:
    last = _last_day(terms)
    if days is not None:
        last = min(last, invoice.issued_on + timedelta(days))
    return last if last >= max(terms.agreed_on, invoice.issued_on) else None


def _last_day(terms: SpecialTerms) -> date:
    return terms.until if terms.taken_back_on is None else min(terms.until, terms.taken_back_on - _DAY)


def _left(invoice: Invoiced, settled: Sequence[Settled], day: date) -> Decimal:
    return invoice.total - sum((one.amount for one in settled if one.on <= day), _NOTHING)
