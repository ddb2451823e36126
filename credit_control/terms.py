"""What special terms change in a decision: what is asked for on the day, what is said of it, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from credit_control.credit.special_terms import Standing as Kept
from credit_control.credit.special_terms import passed
from credit_control.decisions import Outcome, Reason, Verdict
from credit_control.facts import ContactBook, Invoice
from credit_control.standing import Standing
from credit_control.words import Day, Money

_OFFERED = "As agreed, {0} is asked for if it is paid by {1}, and {2} after that."
_MISSED = "The agreed discount was not taken in time, so {0} is asked for."
_PAID_LATE = "The discounted sum came after its last day, so the rest of {0} is asked for."
_DUE = "Due on {0} as agreed, not on {1} as in the ledger."


def on_day(book: ContactBook, day: date) -> ContactBook:
    """The same facts on a ``day``, which may be later than the one on which they were read: discounts are over after theirs."""
    if not any(one.special for one in book.invoices):
        return book
    return replace(book, invoices=tuple(invoice_on(one, day) for one in book.invoices))


def invoice_on(invoice: Invoice, day: date) -> Invoice:
    """An invoice as it is asked for on a ``day``, as long as nothing is paid or agreed."""
    now = passed(invoice.special, day)
    return invoice if now is invoice.special else replace(invoice, special=now)


def until_it_changes(standing: Standing, invoice: Invoice) -> Standing:
    """The standing, looked at again on the day after the last one of a discount: another amount is asked for then."""
    until = invoice.offered_until
    if until is None or standing.verdict is Verdict.CLOSED:
        return standing
    return replace(standing, look_on=min(standing.look_on, until.toordinal() + 1))


def said_of_terms(invoice: Invoice) -> tuple[Reason, ...]:
    """What was agreed that changes the amount or the day; empty for most."""
    found: list[Reason] = []
    if invoice.due_in_ledger is not None:
        days = (Day(invoice.due_on), Day(invoice.due_in_ledger))
        found.append(Reason("special_terms", Outcome.NOTES, _DUE, days))
    if (asked := invoice.special) is not None:
        sum_ = Money(asked.amount, invoice.currency)
        if asked.until is not None and asked.afterwards is not None:
            values = (sum_, Day(asked.until), Money(asked.afterwards, invoice.currency))
            found.append(Reason("special_terms", Outcome.NOTES, _OFFERED, values))
        elif asked.standing in (Kept.MISSED, Kept.PAID_LATE):
            pattern = _MISSED if asked.standing is Kept.MISSED else _PAID_LATE
            found.append(Reason("special_terms", Outcome.NOTES, pattern, (sum_,)))
    return tuple(found)
