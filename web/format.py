"""How amounts, dates and moments read on pages, in the language of the moment; amounts never without their currency.

Amounts and days are written as in mails to colleagues (``services/writing.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal, get_decimal_symbol
from flask import Flask

from credit_control.catch_up import catch_up_rule, parts
from credit_control.credit.payment_terms import PaymentTerms
from credit_control.facts import Step
from credit_control.figures.figure import round_half_up
from credit_control.late_payment.accrual import Line, rounded
from credit_control.words import decimals
from kit import clock, public_holidays
from kit.wording import N_, _, language, locale, ngettext, whole_number
from services.credit import terms_words
from services.interest import KIND_WORDS, Kind
from services.late_payment_json import percent
from services.preset_names import preset_name
from services.text_costs import cost_of
from services.writing import day, long_day, money, shape_of
from store.courses import only_for_of
from store.models import Contact, CreditProposal

_LAST_DAY = 31
_ROLES = {
    "payables": N_("payables"),
    "approver": N_("approver"),
    "owner": N_("owner"),
    "escalation": N_("escalation"),
}
_ENGLISH = "en"


def number(value: int) -> str:
    """``12,345``"""
    return whole_number(value, locale())


def month(value: date) -> str:
    """``November 2026``"""
    return format_date(value, "MMMM yyyy", locale=locale())


def moment(value: datetime, zone: str = "UTC") -> str:
    """``14 Nov 2026, 10:02 GMT``, in the organisation's time zone (an IANA name)."""
    local = value.astimezone(ZoneInfo(zone))
    return format_datetime(local, shape_of("moment", locale()), locale=locale()) + f" {local.tzname()}"


def hour(value: datetime, zone: str) -> str:
    """``10:02``, in the organisation's time zone."""
    return value.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def ago(value: datetime) -> str:
    """How long ago it was, or how soon it will be: ``2 minutes ago``."""
    passed = value - clock.now()
    if abs(passed.total_seconds()) < 45:
        return _("just now")
    return format_timedelta(passed, add_direction=True, locale=locale())


def price(millionths: int, currency: str) -> str:
    """``USD 0.0083``: prices of single texts are fractions of a penny, so no digit is dropped."""
    sign = get_decimal_symbol(locale())
    return f"{currency} {str(cost_of(millionths)).replace('.', sign)}"


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``1 mail``, ``2 mails``: in English alone, for texts that are not translated."""
    return f"{number(count)} {noun if count == 1 else many or noun + 's'}"


def overdue(due_on: date, today: date) -> str:
    """``12 days overdue``, ``due today`` or ``due in 3 days``."""
    days = (today - due_on).days
    if days == 0:
        return _("due today")
    if days > 0:
        return ngettext("%(count)s day overdue", "%(count)s days overdue", days)
    return ngettext("due in %(count)s day", "due in %(count)s days", -days)


def sums(amounts: Mapping[str, Decimal]) -> str:
    """``£1,234.50 and €20.00``: one amount a currency, never added together."""
    words = [money(amount, currency) for currency, amount in sorted(amounts.items())]
    if len(words) < 2:
        return "".join(words)
    return _("%(several)s and %(last)s", several=", ".join(words[:-1]), last=words[-1])


def listed(names: Sequence[str]) -> str:
    """``Anna, Ben and Carla``"""
    return format_list(list(names), locale=locale())


def tel(value: str) -> str:
    """A number as a link takes it: digits, and the plus where there is one."""
    digits = "".join(sign for sign in value if sign.isascii() and sign.isdigit())
    return f"+{digits}" if value.strip().startswith("+") else digits


def works_and_pays(contact: Contact) -> str:
    """``Scotland, the United Kingdom; pays on the 15th and the last day of the month``"""
    place = contact.place or contact.country
    where = public_holidays.place_name(place) if place else _("Country not known")
    where = where[:1].upper() + where[1:]
    days = payment_days(contact.pays_on) if contact.pays_on else None
    return _("%(place)s; pays %(days)s.", place=where, days=days) if days else f"{where}."


def payment_days(stored: Mapping[str, Sequence[int]]) -> str:
    """``on the 15th and the last day of the month``, ``every Friday``"""
    ordinals = [_ordinal(number) for number in stored["month_days"]]
    weekdays = [get_day_names("wide", locale=locale())[number] for number in stored["weekdays"]]
    by_month = _("on %(days)s of the month", days=format_list(ordinals, locale=locale())) if ordinals else ""
    by_week = _("every %(weekdays)s", weekdays=format_list(weekdays, locale=locale())) if weekdays else ""
    if by_month and by_week:
        return _("%(by_month)s and %(by_week)s", by_month=by_month, by_week=by_week)
    return by_month or by_week


def _ordinal(number: int) -> str:
    """``the 15th``; other languages have one way to write all of them."""
    if number == _LAST_DAY:
        return _("the last day")
    if language() != _ENGLISH:
        return _("the %(number)sth", number=number)
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"the {number}{ending}"


def line_amount(line: Line, currency: str) -> str:
    """The interest of one line of a working, to the last decimal of the currency."""
    return money(rounded(line.amount, decimals(currency)), currency)


def customer_kind(kind: str) -> str:
    """What kind of customer it is, in words."""
    words = _(KIND_WORDS[Kind(kind)])
    return words[:1].upper() + words[1:]


def decimal(value: Decimal) -> str:
    """``1,234.50``, with the digits that it has and a minus that is one."""
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    shape = "#,##0" + "." * bool(places) + "0" * places
    return format_decimal(value, format=shape, locale=locale()).replace("-", "−")


def typed_decimal(value: Decimal) -> str:
    """``1234.50``, as it is typed into a form."""
    return f"{value:f}".replace(".", get_decimal_symbol(locale()))


def percentage(rate: Decimal) -> str:
    """``12.75``, with at least two decimals."""
    return percent(rate).replace(".", get_decimal_symbol(locale()))


def role(key: str) -> str:
    """What somebody at a customer has to do with our invoices, in a word; a key of ``credit_control.people.Role``."""
    return _(_ROLES.get(key, key))


def only_for(stored: Mapping[str, Any]) -> str:
    """For which invoices a stored step is meant: ``a customer’s first invoice, or from GBP 1,000.00``."""
    limit = only_for_of(stored)
    if limit is None:
        return ""
    amounts = [money(least, currency) for currency, least in limit.at_least]
    least = format_list(amounts, style="or", locale=locale())
    if limit.first_invoice and amounts:
        return _("a customer’s first invoice, or from %(least)s", least=least)
    return _("invoices from %(least)s", least=least) if amounts else _("a customer’s first invoice")


def catch_up_words(steps: Sequence[Step]) -> str:
    """What becomes of the steps that were missed, in one sentence; empty for no steps."""
    if language() == _ENGLISH:
        return catch_up_rule(steps)
    said = "; ".join(_(pattern).format(_quoted(names)) for pattern, names in parts(steps))
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _quoted(names: Sequence[str]) -> str:
    return listed([_("“%(name)s”", name=preset_name(name)) for name in names])


def tenths(value: Fraction) -> str:
    """A figure with one decimal."""
    return decimal(round_half_up(value, 1))


def terms_change(row: CreditProposal) -> str:
    """What a proposal of terms changes, from and to; in English, to be said again."""
    return terms_words.change_said(row.terms_before, row.terms)


def ledger_terms(contact: Contact) -> str:
    """When a customer's invoices fall due, as the ledger has it; in English, to be said again."""
    terms = PaymentTerms(contact.terms_kind, contact.terms_days or 0) if contact.terms_kind else None
    return terms_words.terms_said(terms)


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
            listed,
            tel,
            works_and_pays,
            line_amount,
            decimal,
            typed_decimal,
            only_for,
            tenths,
            terms_change,
            ledger_terms,
            customer_kind,
            role,
        )
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.filters["percent"] = percentage
