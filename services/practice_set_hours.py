"""The sending hours that a practice's set can have, and those of a client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from kit.errors import UserError
from kit.public_holidays import weekend_in
from kit.wording import _
from services.preferences import SHORTEST_WINDOW
from store.models import (
    Organisation,
    PracticeSetUse,
)

Stored = dict[str, Any]


_OPENS = time(9, 30)


_CLOSES = time(16)
"""From and up to then every organisation sends at first."""


def window_left(use: PracticeSetUse | None, organisation: Organisation) -> Stored:
    """The hours that the client was left with: of the set, or those with which it began."""
    if use and use.window:
        return use.window
    days = sorted(set(range(7)) - weekend_in(organisation.country))
    return {"days": days, "opens": f"{_OPENS:%H:%M}", "closes": f"{_CLOSES:%H:%M}"}


def window_of(organisation: Organisation) -> Stored:
    """The hours of an organisation, as a set keeps them."""
    return {
        "days": sorted(organisation.sending_days),
        "opens": f"{organisation.opens:%H:%M}",
        "closes": f"{organisation.closes:%H:%M}",
    }


def checked_window(days: Sequence[int], opens: str, closes: str) -> Stored:
    """Hours for a set; ``UserError`` says what is wrong with them. Times are ``09:30``, Monday is 0."""
    try:
        first, last = time.fromisoformat(opens), time.fromisoformat(closes)
    except ValueError:
        raise UserError(_("Give both times like 09:30.")) from None
    minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
    if not days:
        raise UserError(_("Choose at least one day on which mails may leave."))
    if minutes < SHORTEST_WINDOW.total_seconds() / 60:
        raise UserError(_("The window must be open for at least half an hour; move one of the times."))
    return {"days": sorted(set(days)), "opens": f"{first:%H:%M}", "closes": f"{last:%H:%M}"}


def set_window(organisation: Organisation, window: Stored) -> None:
    """Have the organisation send at these hours."""
    organisation.sending_days = list(window["days"])
    organisation.opens, organisation.closes = (
        time.fromisoformat(window["opens"]),
        time.fromisoformat(window["closes"]),
    )
