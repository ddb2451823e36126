"""The form of a payment plan: equal instalments in a rhythm, or days and sums of one's own, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from werkzeug.datastructures import MultiDict

from credit_control.payment_plans import Instalment, Rhythm, spread
from kit.errors import UserError
from kit.wording import _
from web.pages.amounts import one_amount

MOST: Final = 60
RHYTHMS: Final = {
    Rhythm.WEEKLY: "every week",
    Rhythm.FORTNIGHTLY: "every two weeks",
    Rhythm.MONTHLY: "every month",
}
_COUNT = re.compile("[0-9]{1,2}")
_LEAST_LINES, _EMPTY_LINES = 6, 3


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed, so that nothing of it is lost."""

    count: str = "3"
    first_on: str = ""
    rhythm: str = Rhythm.MONTHLY.value
    currency: str = ""
    invoice_ids: frozenset[str] = frozenset()
    parts: tuple[tuple[str, str], ...] = ()
    """Days and sums of one's own, as typed; those without both are left out."""

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The lines for days and sums of one's own, with some to spare."""
        spare = max(_LEAST_LINES - len(self.parts), _EMPTY_LINES)
        return [*self.parts, *[("", "")] * spare][:MOST]

    def instalments(self, owed: Decimal, currency: str) -> list[Instalment]:
        """What is meant, over what is owed. ``UserError`` says what is missing."""
        if self.parts:
            return [_own(number, *part, currency) for number, part in enumerate(self.parts, 1)]
        if not _COUNT.fullmatch(self.count) or not 2 <= int(self.count) <= MOST:
            raise UserError(_("Give the number of instalments, from 2 to %(most)s.", most=MOST))
        if self.rhythm not in RHYTHMS:
            raise UserError(_("Choose how often an instalment is paid."))
        first = _day(self.first_on, _("the first instalment"))
        return spread(owed, currency, int(self.count), first, Rhythm(self.rhythm))


def typed(form: MultiDict[str, str]) -> Typed:
    """What was typed."""

    def cleaned(words: str, longest: int) -> str:
        return words.replace("\x00", "").strip()[:longest]

    days, sums = form.getlist("part_on")[:MOST], form.getlist("part_amount")[:MOST]
    parts = [
        (cleaned(on, 20), cleaned(amount, 20)) for on, amount in zip(days, sums, strict=False) if on or amount
    ]
    return Typed(
        cleaned(form.get("count", ""), 4),
        cleaned(form.get("first_on", ""), 20),
        cleaned(form.get("rhythm", ""), 20),
        cleaned(form.get("currency", ""), 3),
        frozenset(form.getlist("invoice")),
        tuple(parts),
    )


def _own(number: int, on: str, amount: str, currency: str) -> Instalment:
    otherwise = _("Give the sum of instalment %(number)s, such as 250.00.", number=number)
    found = one_amount(amount, currency, otherwise)
    if not found:
        raise UserError(otherwise)
    return Instalment(_day(on, _("instalment %(number)s", number=number)), found)


def _day(words: str, what: str) -> date:
    try:
        found = date.fromisoformat(words)
    except ValueError:
        raise UserError(_("Give the day of %(what)s; it should look like 2026-11-23.", what=what)) from None
    if not 2000 <= found.year <= 2099:
        raise UserError(_("The day of %(what)s must lie between 2000 and 2099.", what=what))
    return found
