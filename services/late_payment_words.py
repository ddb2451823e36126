"""Interest and compensation as a letter tells them: the sums, the law, and the working line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from babel.numbers import format_decimal

from credit_control.late_payment.accrual import rounded
from credit_control.late_payment.claim import Claim
from credit_control.late_payment.periods import LESS_BEFORE
from credit_control.words import decimals
from services.languages import amount, day, listed, words_of
from services.liquid_text import Empty
from services.mail_facts import InvoiceLine


def late_payment_fields(lines: Iterable[InvoiceLine], locale: str) -> dict[str, object]:
    """The fields about late payment; all are ``Empty`` where the customer is not to be told of any."""
    told = sorted(
        ((line.due_on, line.number, line.claim) for line in lines if line.claim and line.claim.total),
        key=lambda one: one[:2],
    )
    claims = [(number, claim) for _, number, claim in told]
    working = "\n".join(row for number, claim in claims for row in _working(number, claim, locale))
    values = {
        "interest": _sums(claims, lambda claim: claim.interest, locale),
        "compensation": _sums(claims, lambda claim: claim.compensation or Decimal(0), locale),
        "late_payment_total": _sums(claims, lambda claim: claim.total, locale),
        "late_payment_law": _law(claims[0][1], locale) if claims else "",
        "late_payment_working": working,
    }
    return {name: value or Empty(name) for name, value in values.items()}


def _sums(claims: Iterable[tuple[str, Claim]], of: Callable[[Claim], Decimal], locale: str) -> str:
    """Each currency for itself; nothing where it comes to nothing."""
    sums: dict[str, Decimal] = {}
    for _, claim in claims:
        sums[claim.debt.currency] = sums.get(claim.debt.currency, Decimal(0)) + of(claim)
    return listed([amount(value, code, locale) for code, value in sums.items() if value], locale)


def _law(claim: Claim, locale: str) -> str:
    return words_of(locale).laws.get(claim.rules.id, claim.rules.title)


def _working(number: str, claim: Claim, locale: str) -> Iterator[str]:
    words, currency = words_of(locale).late_payment, claim.debt.currency
    plain = " ".join(number.split())
    for line in claim.lines:
        if line.how == LESS_BEFORE:
            fees = amount(rounded(line.amount, decimals(currency)), currency, locale)
            dates = {"first": day(line.first, locale), "last": day(line.last, locale)}
            yield words["rest"].format(number=plain, **dates, amount=fees)
            continue
        yield words["line"].format(
            number=plain,
            principal=amount(line.principal, currency, locale),
            first=day(line.first, locale),
            last=day(line.last, locale),
            rate=format_decimal(line.percent, locale=locale),
            amount=amount(rounded(line.amount, decimals(currency)), currency, locale),
        )
    if claim.compensation:
        fixed = amount(claim.compensation, currency, locale)
        yield words["fixed"].format(number=plain, amount=fixed)
