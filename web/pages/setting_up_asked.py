"""What was typed on the pages of the set-up, so that it can be shown again."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from kit.wording import _
from services import left_alone, preferences
from services.left_alone import MOST_AT_ONCE
from store.models import Organisation
from web.pages.amounts import one_amount
from web.security import dunnock

_LONGEST = 254
_LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class WhoAsked:
    """Who shall send: ``keep`` (as it stands), ``domain`` or ``mailbox``."""

    way: str
    name: str
    email: str

    @classmethod
    def sent(cls) -> WhoAsked:
        """What the form holds."""
        form = request.form
        return cls(form.get("way", "keep"), form.get("name", "")[:_LONGEST], form.get("email", "")[:_LONGEST])


@dataclass(frozen=True, slots=True)
class WhomAsked:
    """Whom not to chase: ticked groups and customers, those of other pages of the list included."""

    groups: frozenset[str]
    customers: frozenset[str]
    least: str
    search: str = ""
    page: int = 1
    looks: bool = False
    """Somebody looks for others, and saves nothing yet."""

    @classmethod
    def sent(cls) -> WhomAsked:
        """What the form holds."""
        form = request.form
        button, _unused, number = form.get("do", "").partition(":")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1
        return cls(
            frozenset(form.getlist("group")[:MOST_AT_ONCE]),
            frozenset(form.getlist("contact")[:MOST_AT_ONCE]),
            form.get("least", "")[:20],
            form.get("search", "")[:100],
            min(max(page, 1), _LAST_PAGE) if button == "page" else 1,
            button in ("search", "page"),
        )

    def save_least(self, organisation: Organisation) -> None:
        """The smallest sum that is chased in the organisation's own currency, if it is another one now."""
        otherwise = _("“%(least)s” is no amount; write it like 10.00.", least=self.least)
        least = one_amount(self.least, organisation.base_currency, otherwise)
        if f"{left_alone.least_of(organisation):.2f}" != f"{least:.2f}":
            balances = {**organisation.minimum_balances, organisation.base_currency: f"{least:.2f}"}
            preferences.change_minimum_balances(dunnock(), organisation.id, balances)


@dataclass(frozen=True, slots=True)
class DebtAsked:
    """What becomes of old debt, and from how many days overdue on it is old."""

    choice: str
    days: str
    counts: bool = False
    """Somebody wants to see how much it is, and saves nothing yet."""

    @classmethod
    def sent(cls) -> DebtAsked:
        """What the form holds."""
        form = request.form
        return cls(form.get("choice", "")[:20], form.get("days", "").strip()[:10], form.get("do") == "count")

    @property
    def days_or_none(self) -> int | None:
        """The days as a number; None for what is none."""
        return int(self.days) if self.days.isascii() and self.days.isdigit() and len(self.days) < 6 else None
