"""Amounts by currency as people type them into one line."""

from __future__ import annotations

import re
from decimal import Decimal

from credit_control.words import decimals
from kit.amounts import typed_amount
from kit.errors import UserError

_ONE = re.compile(r"([A-Z]{3})\s*([0-9][0-9.,’'\s]*);?\s*", re.ASCII)
_LIST = re.compile(rf"(?:{_ONE.pattern})+", re.ASCII)
_LONGEST = 400
_RATE_PLACES = 4
_WHOLE = Decimal(100)
_TOO_LARGE = Decimal(10) ** 12


def amounts(typed: str, base_currency: str, otherwise: str) -> list[tuple[str, Decimal]]:
    """``GBP 1,000, EUR 1.200,50``, or one number, which is of the currency of the books; ``UserError`` says ``otherwise``."""
    text = typed.strip().upper()
    if not text:
        return []
    if len(text) > _LONGEST:
        raise UserError(otherwise)
    if not _LIST.fullmatch(text):
        return [(base_currency, one_amount(text, base_currency, otherwise))]
    return [(code, one_amount(amount.rstrip(" ,"), code, otherwise)) for code, amount in _ONE.findall(text)]


def one_amount(typed: str, currency: str, otherwise: str) -> Decimal:
    """``1,234.50``, ``1.234,50``, ``12,5``: the one amount of the currency that it can mean, else ``UserError``."""
    found = typed_amount(typed)
    amounts = found.amounts if found and found.currency in (None, currency) else ()
    possible = {one for one in amounts if one < _TOO_LARGE and _places(one) <= decimals(currency)}
    if len(possible) != 1:
        raise UserError(otherwise)
    return possible.pop()


def one_rate(typed: str, otherwise: str) -> Decimal:
    """A rate in percent, ``12.125`` or ``12,125``: of two that it can mean, the one that a rate can be."""
    found = typed_amount(typed)
    meant = (
        {one for one in found.amounts if _places(one) <= _RATE_PLACES}
        if found and not found.currency
        else set()
    )
    possible = {one for one in meant if one <= _WHOLE} if len(meant) > 1 else meant
    if len(possible) != 1:
        raise UserError(otherwise)
    return possible.pop()


def plain_amount(typed: str, currency: str) -> str:
    """The amount as programs write it, ``1234.50``; what is none, or could be two, as it was typed."""
    try:
        return f"{one_amount(typed, currency, typed):f}"
    except UserError:
        return typed


def _places(amount: Decimal) -> int:
    """How many decimals were typed: ``5.000`` is no five of a currency that has none."""
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
