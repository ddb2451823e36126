"""Showing an account to its customer, in a language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import render_template

from credit_control.calendar import local_day
from services.account import Account
from services.account_words import Words, codes, words_in
from services.languages import amount, day, listed, short_day
from services.merge_fields import one_line
from store.facts import policy_of
from store.models import Organisation, PageAnswer


def render_page(shown: Account, language: str, locale: str, name: str, **values: object) -> str:
    """One of the pages about an account, in a language."""
    words = words_in(language)
    return render_template(
        f"debtor/{name}.html",
        t=words,
        language=language,
        codes=codes(),
        words_in=words_in,
        account=shown,
        remembered=_remembered(shown, words, locale),
        as_of=_moment(shown.organisation, locale),
        sum=lambda value, currency: amount(value, currency, locale),
        day=lambda value: short_day(value, locale),
        clean=one_line,
        **values,
    )


def _moment(organisation: Organisation, locale: str) -> str:
    at: datetime = organisation.synced_at or organisation.created_at
    local = at.astimezone(ZoneInfo(organisation.timezone))
    return f"{format_datetime(local, 'd MMMM y, HH:mm', locale=locale)} {local.tzname()}"


def _remembered(account: Account, words: Words, locale: str) -> list[str]:
    """``On 22 November 2026 you told us that this was paid: INV-1042.``, newest first."""
    return [_said(account, words, locale, one) for one in account.told]


def _said(account: Account, words: Words, locale: str, given: PageAnswer) -> str:
    on = given.details.get("on")
    numbers = [one_line(number) for number in given.details.get("numbers", [])]
    told = local_day(policy_of(account.organisation).window, given.created_at)
    said: str = words["told"][given.what].format(
        day=day(told, locale),
        on=day(date.fromisoformat(on), locale) if on else "",
        about=listed(numbers, locale) or words["told"]["everything"],
    )
    return said
