"""The fields of payment terms and a discount in the table of categories: read as typed, and filled in again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from babel.numbers import NumberFormatError, parse_decimal

from credit_control.credit.early_payment import Offer
from credit_control.credit.payment_terms import KINDS, PaymentTerms
from credit_control.credit.risk import Category
from kit.errors import UserError
from kit.wording import _, locale
from web.format import typed_decimal

FIELDS: Final = ("terms_kind", "terms_days", "percent", "within_days")
_LONGEST = 6


def typed_in(form: Mapping[str, str], number: int) -> dict[str, str]:
    """What was typed for one category."""
    return {name: form.get(f"{name}-{number}", "").strip()[:40] for name in FIELDS}


def of_category(one: Category) -> dict[str, str]:
    """What stands in the fields of a category."""
    kind, days = (one.terms.kind, str(one.terms.days)) if one.terms else ("", "")
    percent, within = "", ""
    if one.discount:
        percent = typed_decimal(Decimal(one.discount.percent.numerator) / one.discount.percent.denominator)
        within = str(one.discount.within_days)
    return dict(zip(FIELDS, (kind, days, percent, within), strict=True))


def terms_in(typed: Mapping[str, str]) -> PaymentTerms | None:
    """The terms as typed; None: left alone. ``UserError`` says what cannot be read."""
    kind, days = typed["terms_kind"], typed["terms_days"]
    if not kind and not days:
        return None
    if kind not in KINDS:
        raise UserError(_("Choose how the days of the payment terms are counted."))
    if not _is_whole(days):
        raise UserError(_("Days of payment terms are a whole number; 30, say."))
    return PaymentTerms(kind, int(days))


def discount_in(typed: Mapping[str, str]) -> Offer | None:
    """The discount as typed; None: left alone. ``UserError`` says what cannot be read."""
    percent, within = typed["percent"], typed["within_days"]
    if not percent and not within:
        return None
    try:
        share = Fraction(parse_decimal(percent, locale=locale(), strict=True))
    except (NumberFormatError, ValueError, OverflowError):
        raise UserError(_("A discount for early payment is a percentage, such as 2.")) from None
    if not 0 < share < 100:
        raise UserError(_("A discount for early payment is more than 0 and less than 100 percent."))
    if not _is_whole(within):
        raise UserError(_("Say within how many days of the issue day the discount is for: a whole number."))
    return Offer(share, int(within))


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST
