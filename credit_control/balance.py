"""The rules about money: is it worth a mail, and does the contact's own credit cover it already?

Every sum is of one currency. The balance that counts against the minimum is what a message would be
about: the contact's invoices that are overdue or have a step due, and that no hold or promise stops, without what is
in dispute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from credit_control.decisions import Outcome, Reason, Verdict
from credit_control.facts import ContactBook, Invoice, Policy
from credit_control.standing import Standing
from credit_control.words import Money

COVERED = "unallocated_credit"
"""The rule by which what the contact's own money covers is not simply demanded."""
_ACTIVE = (Verdict.SEND, Verdict.PERSON)
_NOTHING = Decimal(0)
_HELD = "Unallocated credit of {0} covers the {1} that would be asked for; ask rather than demand."
_ASKED = "Unallocated credit of {0} covers the {1} that is open; the mail asks whether it is meant for that."


def weigh(book: ContactBook, policy: Policy, today: date, standings: Sequence[Standing]) -> list[Standing]:
    """The standings after the rules about money; only what was to be sent or called about can change."""
    pairs = list(zip(book.invoices, standings, strict=True))
    balances = _sums([pair for pair in pairs if _in_balance(*pair, today)])
    weighed = [_above_minimum(*pair, balances, policy, today) for pair in pairs]
    if not book.credits:
        return weighed
    return _not_covered(book, policy, weighed)


def _in_balance(invoice: Invoice, standing: Standing, today: date) -> bool:
    return standing.running and (invoice.due_on < today or standing.verdict in _ACTIVE)


def _sums(pairs: Iterable[tuple[Invoice, Standing]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for invoice, _ in pairs:
        sums[invoice.currency] = sums.get(invoice.currency, _NOTHING) + invoice.asked_for
    return sums


def least_balance(policy: Policy, currency: str) -> Decimal:
    """Below this sum due of a currency a contact is not chased."""
    return policy.minimum_balances.get(currency, policy.minimum_balance)


def _above_minimum(
    invoice: Invoice, standing: Standing, balances: dict[str, Decimal], policy: Policy, today: date
) -> Standing:
    """Let small sums rest. They grow when another invoice becomes overdue, so look again on that day."""
    balance = balances.get(invoice.currency, _NOTHING)
    minimum = least_balance(policy, invoice.currency)
    if not standing.running or balance >= minimum:
        return standing
    look_on = standing.look_on
    if invoice.due_on >= today:
        look_on = min(look_on, invoice.due_on.toordinal() + 1)
    if standing.verdict not in _ACTIVE:
        return replace(standing, look_on=look_on)
    values = (Money(balance, invoice.currency), Money(minimum, invoice.currency))
    reason = Reason(
        "minimum_balance", Outcome.DELAYS, "{0} is overdue, less than the minimum of {1}.", values
    )
    return replace(_rested(standing, Verdict.WAIT, reason), person_step=None, look_on=look_on)


def _not_covered(book: ContactBook, policy: Policy, standings: list[Standing]) -> list[Standing]:
    """Demand nothing that the contact's unallocated credit would pay: that is a question, by a person or in the mail."""
    pairs = list(zip(book.invoices, standings, strict=True))
    asked = _sums((invoice, kept) for invoice, kept in pairs if kept.verdict is Verdict.SEND)
    on_account = dict.fromkeys(asked, _NOTHING)
    for credit in book.credits:
        if credit.currency in on_account:
            on_account[credit.currency] += credit.remaining
    covered = {
        currency: Reason(
            COVERED,
            Outcome.NOTES if policy.asks_about_credit else Outcome.STOPS,
            _ASKED if policy.asks_about_credit else _HELD,
            (Money(on_account[currency], currency), Money(asked[currency], currency)),
        )
        for currency in asked
        if on_account[currency] >= asked[currency]
    }
    return [
        _asked_about(kept, covered[invoice.currency], policy)
        if kept.verdict is Verdict.SEND and invoice.currency in covered
        else kept
        for invoice, kept in pairs
    ]


def _asked_about(standing: Standing, reason: Reason, policy: Policy) -> Standing:
    if policy.asks_about_credit:
        return replace(standing, reasons=(*standing.reasons, reason))
    return _rested(standing, Verdict.HOLD, reason)


def _rested(standing: Standing, verdict: Verdict, reason: Reason) -> Standing:
    reasons = (reason, *standing.reasons)
    return replace(standing, verdict=verdict, reasons=reasons, step=None, next_step=None)
