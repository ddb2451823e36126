"""Whether a debt and the wishes about it make sense, before anything is worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from credit_control.late_payment.facts import Choices, Debt, LatePaymentError, Style
from credit_control.late_payment.law import Accrual, RuleSet, half_year
from credit_control.words import Day, Money, decimals

_FIRST_DAY, _LAST_DAY = date(1998, 11, 1), date(2199, 12, 31)
"""From the day on which the first of these laws began, to one that is certainly mistyped."""
_LONGEST_TERM = 3650
_GREATEST_AMOUNT = Decimal(10) ** 15
_GREATEST_RATE = Decimal(1000)
_LEAST_REFERENCE = Decimal(-10)
_CURRENCY = re.compile(r"[A-Z]{3}")


def check(debt: Debt, rules: RuleSet, choices: Choices) -> None:
    """Raise ``LatePaymentError`` with one sentence on the first thing that is wrong."""
    if debt.consumer:
        raise LatePaymentError(
            "These rules are for debts between businesses; a consumer owes no interest or compensation by them."
        )
    if not _CURRENCY.fullmatch(debt.currency):
        raise LatePaymentError(
            f"“{debt.currency}” is no currency: give its three letters in capitals, such as GBP."
        )
    _check_amount(debt.amount, debt.currency, "debt")
    for name, day in _days(debt):
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise LatePaymentError(
                f"The {name} {Day(day)} cannot be right: give one from {_FIRST_DAY.year} to {_LAST_DAY.year}."
            )
    if debt.terms_days is not None and not 0 <= debt.terms_days <= _LONGEST_TERM:
        raise LatePaymentError(
            f"A payment term of {debt.terms_days} days cannot be right: give 0 to {_LONGEST_TERM}."
        )
    _check_payments(debt)
    _check_choices(rules, choices)
    if choices.fee is not None:
        _check_amount(choices.fee, debt.currency, "fee of the contract")


def _days(debt: Debt) -> Iterator[tuple[str, date]]:
    named = {
        "payment date": debt.paid_on,
        "due date": debt.due_on,
        "day on which the invoice was received,": debt.received_on,
        "day of performance,": debt.performed_on,
        "day of the contract,": debt.contract_on,
    }
    yield from ((name, day) for name, day in named.items() if day)
    yield from (("date of a part payment,", paid.on) for paid in debt.payments)


def _check_amount(amount: Decimal, currency: str, noun: str) -> None:
    if not amount.is_finite() or not 0 < amount < _GREATEST_AMOUNT:
        raise LatePaymentError(f"The {noun} must be more than nothing and less than {_GREATEST_AMOUNT:,}.")
    places = decimals(currency)
    if amount != round(amount, places):
        raise LatePaymentError(
            f"The {noun} of {amount} has more than {places} decimals, too many for {currency}."
        )


def _check_payments(debt: Debt) -> None:
    for paid in debt.payments:
        _check_amount(paid.amount, debt.currency, "part payment")
        if paid.on > debt.paid_on:
            raise LatePaymentError(
                f"The part payment of {Day(paid.on)} is later than the day up to which interest is claimed,"
                f" {Day(debt.paid_on)}: leave it out, or give a later day."
            )
    overpaid = -debt.owed_after(debt.paid_on)
    if overpaid > 0:
        raise LatePaymentError(
            f"The part payments are {Money(overpaid, debt.currency)} more than the debt: correct one of them."
        )


def _check_choices(rules: RuleSet, choices: Choices) -> None:
    if choices.split and not rules.may_split:
        raise LatePaymentError(
            f"By “{rules.title}” the rate does not change at half-years: leave out the split."
        )
    if choices.style is Style.DAILY_ROUNDED and (rules.accrual is Accrual.COMPOUND or choices.whole_months):
        raise LatePaymentError("Only simple interest by the day can be rounded day by day.")
    if choices.whole_months and rules.table is not None:
        raise LatePaymentError(f"“{rules.title}” counts days: whole months are for interest by contract.")
    if choices.fee is not None and rules.table is not None:
        raise LatePaymentError(f"“{rules.title}” has its own fixed sum: a fee is for interest by contract.")
    _check_rates(rules, choices)


def _check_rates(rules: RuleSet, choices: Choices) -> None:
    given = choices.yearly_rate
    if given is None and rules.table is None:
        raise LatePaymentError("Interest by contract needs the agreed rate in percent.")
    if given is not None and not (given.is_finite() and 0 < given <= _GREATEST_RATE):
        raise LatePaymentError(
            f"A rate of {given} % a year cannot be right: give one above 0 and up to {_GREATEST_RATE}."
        )
    if choices.references and (rules.table is None or given is not None):
        raise LatePaymentError("A reference rate goes with the law's own rate: leave out one of the two.")
    for since, rate in choices.references.items():
        if since != half_year(since):
            raise LatePaymentError(
                f"Reference rates hold for half-years: give 1 January or 1 July instead of {Day(since)}."
            )
        if not (rate.is_finite() and _LEAST_REFERENCE <= rate <= _GREATEST_RATE):
            raise LatePaymentError(
                f"A reference rate of {rate} % cannot be right: give one from {_LEAST_REFERENCE}."
            )
