"""Amounts by currency as people type them into one line."""

from __future__ import annotations

import re
from decimal import Decimal

from kit.errors import UserError

_AMOUNT = r"(\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,2})?)"
_ALONE = re.compile(_AMOUNT, re.ASCII)
_ONE = re.compile(rf"([A-Z]{{3}})\s*{_AMOUNT}", re.ASCII)
_LIST = re.compile(rf"{_ONE.pattern}(?:\s*[,;]?\s*{_ONE.pattern})*", re.ASCII)
_LONGEST = 400


def amounts(typed: str, base_currency: str, otherwise: str) -> list[tuple[str, Decimal]]:
    """``GBP 1,000, EUR 1200``, or one number, which is of the currency of the books; ``UserError`` says ``otherwise``."""
    text = typed.strip().upper()
    if not text:
        return []
    if _ALONE.fullmatch(text):
        return [(base_currency, _decimal(text))]
    if len(text) > _LONGEST or not _LIST.fullmatch(text):
        raise UserError(otherwise)
    return [(code, _decimal(amount)) for code, amount in _ONE.findall(text)]


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
