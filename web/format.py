"""How amounts, dates and moments read on pages. English of Great Britain; amounts never without their currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta, get_day_names
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from flask import Flask

from credit_control.late_payment.accrual import Line, rounded
from credit_control.words import decimals
from kit import clock, public_holidays
from services.interest import KIND_WORDS, Kind
from services.late_payment_json import percent
from services.text_costs import cost_of
from store.courses import only_for_of
from store.models import Contact

_LOCALE = "en_GB"
_LAST_DAY = 31
_BY_CODE = "¤\xa0#,##0.00"


@lru_cache(maxsize=8192)
def money(amount: Decimal, currency: str) -> str:
    """``£1,234.50``, with the decimals of the currency; one without a sign goes by its code: ``CHF 20.00``."""
    if get_currency_symbol(currency, locale=_LOCALE) == currency:
        return format_currency(amount, currency, format=_BY_CODE, locale=_LOCALE)
    return format_currency(amount, currency, locale=_LOCALE)


def number(value: int) -> str:
    """``12,345``"""
    return format_decimal(value, locale=_LOCALE)


@lru_cache(maxsize=8192)
def day(value: date) -> str:
    """``14 Nov 2026``"""
    return format_date(value, "d MMM yyyy", locale=_LOCALE)


@lru_cache(maxsize=8192)
def long_day(value: date) -> str:
    """``Saturday 14 November 2026``"""
    return format_date(value, "EEEE d MMMM yyyy", locale=_LOCALE)


def month(value: date) -> str:
    """``November 2026``"""
    return format_date(value, "MMMM yyyy", locale=_LOCALE)


def moment(value: datetime, zone: str = "UTC") -> str:
    """``14 Nov 2026, 10:02 GMT``, in the organisation's time zone (an IANA name)."""
    local = value.astimezone(ZoneInfo(zone))
    return format_datetime(local, "d MMM yyyy, HH:mm", locale=_LOCALE) + f" {local.tzname()}"


def hour(value: datetime, zone: str) -> str:
    """``10:02``, in the organisation's time zone."""
    return value.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def ago(value: datetime) -> str:
    """How long ago it was, or how soon it will be: ``2 minutes ago``."""
    passed = value - clock.now()
    if abs(passed.total_seconds()) < 45:
        return "just now"
    return format_timedelta(passed, add_direction=True, locale=_LOCALE)


def price(millionths: int, currency: str) -> str:
    """``USD 0.0083``: prices of single texts are fractions of a penny, so no digit is dropped."""
    return f"{currency} {cost_of(millionths)}"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``1 mail``, ``2 mails``"""
    return f"{number(count)} {noun if count == 1 else many or noun + 's'}"


def overdue(due_on: date, today: date) -> str:
    """``12 days overdue``, ``due today`` or ``due in 3 days``."""
    days = (today - due_on).days
    if days == 0:
        return "due today"
    return f"{plural(days, 'day')} overdue" if days > 0 else f"due in {plural(-days, 'day')}"


def sums(amounts: Mapping[str, Decimal]) -> str:
    """``£1,234.50 and €20.00``: one amount a currency, never added together."""
    words = [money(amount, currency) for currency, amount in sorted(amounts.items())]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def tel(value: str) -> str:
    """A number as a link takes it: digits, and the plus where there is one."""
    digits = "".join(sign for sign in value if sign.isascii() and sign.isdigit())
    return f"+{digits}" if value.strip().startswith("+") else digits


def works_and_pays(contact: Contact) -> str:
    """``Scotland, the United Kingdom; pays on the 15th and the last day of the month``"""
    place = contact.place or contact.country
    where = public_holidays.place_name(place) if place else "Country not known"
    where = where[:1].upper() + where[1:]
    days = payment_days(contact.pays_on) if contact.pays_on else None
    return f"{where}; pays {days}." if days else f"{where}."


def payment_days(stored: Mapping[str, Sequence[int]]) -> str:
    """``on the 15th and the last day of the month``, ``every Friday``"""
    ordinals = [_ordinal(number) for number in stored["month_days"]]
    weekdays = [get_day_names("wide", locale=_LOCALE)[number] for number in stored["weekdays"]]
    by_month = f"on {format_list(ordinals, locale=_LOCALE)} of the month" if ordinals else ""
    by_week = f"every {format_list(weekdays, locale=_LOCALE)}" if weekdays else ""
    return " and ".join(words for words in (by_month, by_week) if words)


def _ordinal(number: int) -> str:
    if number == _LAST_DAY:
        return "the last day"
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"the {number}{ending}"


def line_amount(line: Line, currency: str) -> str:
    """The interest of one line of a working, to the last decimal of the currency."""
    return money(rounded(line.amount, decimals(currency)), currency)


def customer_kind(kind: str) -> str:
    """What kind of customer it is, in words."""
    return KIND_WORDS[Kind(kind)].capitalize()


def only_for(stored: Mapping[str, Any]) -> str:
    """For which invoices a stored step is meant: ``a customer’s first invoice, or from GBP 1,000.00``."""
    limit = only_for_of(stored)
    return limit.words if limit else ""


def install(app: Flask) -> None:
    """Make these the filters of the page templates."""
    filters: dict[str, Any] = {
        function.__name__: function
        for function in (
            money,
            number,
            day,
            long_day,
            month,
            moment,
            hour,
            ago,
            price,
            plural,
            overdue,
            sums,
            tel,
            works_and_pays,
            percent,
            line_amount,
            only_for,
            customer_kind,
        )
    }
    app.jinja_env.filters.update(filters)
