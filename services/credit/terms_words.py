"""Payment terms and discounts for early payment: in a sentence, as they are stored, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from credit_control.credit.early_payment import YEAR, Cost, Offer
from credit_control.credit.payment_terms import (
    AFTER_DATE,
    AFTER_MONTH,
    MOST_DAYS,
    OF_MONTH,
    OF_NEXT_MONTH,
    PaymentTerms,
    Wanted,
    problem_with,
)
from credit_control.figures.figure import round_half_up
from credit_control.words import Count, Money
from kit.errors import UserError
from kit.wording import N_, _

KIND_NAMES: Final = {
    AFTER_DATE: N_("days after the invoice date"),
    AFTER_MONTH: N_("days after the end of the invoice’s month"),
    OF_MONTH: N_("day of the invoice’s month"),
    OF_NEXT_MONTH: N_("day of the month after the invoice"),
}
FORMULA: Final = N_(
    "Annual rate = percent ÷ (100 − percent) × 365 ÷ (days to pay until now − days of the discount). A year costs percent ÷"
    " 100 × what was invoiced in 365 days, if all of it is paid in time for the discount."
)
_PROBLEMS: Final = {
    "kind": N_("Choose how the days of the payment terms are counted."),
    "days": N_("Days of payment terms are a whole number from 0 to %(most)s."),
    "day_of_month": N_("A day of a month is a whole number from 1 to 31."),
}
_CENTS = 100
_NOTHING: Final = N_("as Xero has it for everybody")
_NO_DISCOUNT: Final = N_("no discount")


def terms_said(terms: PaymentTerms | None) -> str:
    """“30 days after the invoice date”."""
    if terms is None:
        return _NOTHING
    days = terms.days
    if terms.kind == AFTER_DATE:
        return N_(f"{Count(days, 'day')} after the invoice date")
    if terms.kind == AFTER_MONTH:
        return N_(f"{Count(days, 'day')} after the end of the invoice’s month")
    if terms.kind == OF_MONTH:
        return N_(f"day {days} of the invoice’s month")
    if terms.kind == OF_NEXT_MONTH:
        return N_(f"day {days} of the month after the invoice")
    return f"{terms.kind} {days}"


def discount_said(discount: Offer | None) -> str:
    """“2 % off if paid within 10 days”."""
    if discount is None:
        return _NO_DISCOUNT
    return N_(f"{_percent(discount.percent)} % off if paid within {Count(discount.within_days, 'day')}")


def change_said(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What would change, from and to; only what ``after`` names."""
    terms, discount = terms_in(after), discount_in(after)
    before_terms, before_discount = terms_said(terms_in(before)), discount_said(discount_in(before))
    if terms and discount:
        return N_(
            f"Payment terms from “{before_terms}” to “{terms_said(terms)}”, and discount from “{before_discount}” to"
            f" “{discount_said(discount)}”"
        )
    if terms:
        return N_(f"Payment terms from “{before_terms}” to “{terms_said(terms)}”")
    return N_(f"Discount from “{before_discount}” to “{discount_said(discount)}”")


def cost_said(offer: Offer, cost: Cost, days: Fraction, currency: str) -> str:
    """What an offer costs with a customer, with the formula filled in."""
    money, took, percent = Money(cost.given_away, currency), round_half_up(days, 1), _percent(offer.percent)
    if cost.annual_rate is None:
        return N_(
            f"The discount costs up to {money} a year and brings nothing sooner: it pays after {took} days."
        )
    rate, rest = round_half_up(cost.annual_rate * _CENTS, 1), _percent(_CENTS - offer.percent)
    return N_(
        f"The discount costs up to {money} a year, as much as a loan at {rate} % a year: {percent} ÷ {rest} × {YEAR} ÷"
        f" ({took} − {offer.within_days} days)."
    )


def terms_in(stored: Mapping[str, Any] | None) -> PaymentTerms | None:
    """The terms in what is stored of a proposal or a category."""
    return PaymentTerms(stored["kind"], stored["days"]) if stored and stored.get("kind") else None


def discount_in(stored: Mapping[str, Any] | None) -> Offer | None:
    """The discount in it."""
    if not stored or not stored.get("percent"):
        return None
    return Offer(Fraction(Decimal(stored["percent"])), stored["within_days"])


def as_stored(wanted: Wanted) -> dict[str, Any]:
    """Both as they are stored; what is None is left out."""
    found: dict[str, Any] = {}
    if wanted.terms:
        found |= {"kind": wanted.terms.kind, "days": wanted.terms.days}
    if wanted.discount:
        found |= {"percent": _percent(wanted.discount.percent), "within_days": wanted.discount.within_days}
    return found


def check(wanted: Wanted) -> None:
    """``UserError`` says what is wrong with what a category is to have."""
    if wanted.terms and (problem := problem_with(wanted.terms)):
        raise UserError(_(_PROBLEMS[problem], most=MOST_DAYS))
    if wanted.discount and not (
        1 <= wanted.discount.within_days <= MOST_DAYS and (wanted.discount.percent * _CENTS).denominator == 1
    ):
        raise UserError(
            _(
                "A discount has at most two decimals, and is for who pays within 1 to %(most)s days.",
                most=MOST_DAYS,
            )
        )


def _percent(percent: Fraction) -> str:
    """At most two decimals, and no noughts at the end."""
    written = f"{round_half_up(percent, 2):f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
