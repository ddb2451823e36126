"""What a customer told us on its page, said back to it."""

from __future__ import annotations

from datetime import date

from credit_control.calendar import local_day
from services.account import Account
from services.account_words import Words
from services.languages import day, listed
from services.merge_fields import one_line
from store.facts import policy_of
from store.models import PageAnswer


def remembered(account: Account, words: Words, locale: str) -> list[str]:
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
