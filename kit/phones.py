"""Telephone numbers, which people write as they like, as E.164: ``+447700900123``."""

from __future__ import annotations

from functools import lru_cache

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number,
    number_type,
    parse,
)

_LONGEST = 40
_MAY_BE_MOBILE = frozenset(
    {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.PERSONAL_NUMBER}
)


@lru_cache(maxsize=4096)
def mobile(text: str | None, country: str | None) -> str | None:
    """The number if it is a mobile one (or may be, as in North America); ``country`` (ISO 3166) where it names none."""
    number = _number(text, country)
    if number is None or number_type(number) not in _MAY_BE_MOBILE:
        return None
    return format_number(number, PhoneNumberFormat.E164)


def _number(text: str | None, country: str | None) -> PhoneNumber | None:
    """None for what is no number that could be called: too short, of no network, or without a country."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        number = parse(text, country)
    except NumberParseException:
        return None
    return number if is_valid_number(number) else None
