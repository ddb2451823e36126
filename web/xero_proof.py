"""What a sign-in with Xero proves, and as of when: Xero's own session may be hours old, and then nobody was asked anything.

Identity tokens say when the person signed in (``auth_time``: in the types of Xero's SDK, and nowhere else in writing).
Neither ``prompt`` nor ``max_age`` is documented by Xero, so both are asked for and neither is relied on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from babel.dates import format_skeleton

from kit import clock
from kit.wording import N_, _, locale
from services import ways_in
from store.models import Person
from web.security import dunnock

ASK_ANEW: Final = {"prompt": "login", "max_age": "0"}
"""Standard words of OpenID Connect for: have them sign in again, whoever is signed in there."""
NEVER: Final = 0.0
OTHER_USER: Final = "That is another Xero user than yours. Sign out at Xero, and sign in there as yourself."
_OLD = N_(
    "Xero did not ask who you are again: it says that you signed in there on %(day)s at %(time)s (UTC)."
    " Sign out at Xero, then sign in with Xero here once more."
)
_UNKNOWN = N_(
    "Xero does not say when you signed in there, so this does not show that it is you. Use another way."
)


def shown_at(claims: Mapping[str, Any]) -> float | None:
    """When they signed in at Xero, in seconds since the epoch; None: Xero does not say."""
    at = claims.get("auth_time")
    return float(at) if isinstance(at, int) and not isinstance(at, bool) and at > 0 else None


def counts_from(claims: Mapping[str, Any], person: Person) -> float:
    """As of when this sign-in shows who they are.

    Where Xero does not say, it shows nothing, unless the person has no other way in: they could do nothing at all then.
    """
    at = shown_at(claims)
    if at is not None:
        return at
    with dunnock().database.read_across() as session:
        alone = ways_in.of(session, person).number == 1
    return clock.machine_now().timestamp() if alone else NEVER


def why_not(claims: Mapping[str, Any]) -> str:
    """Why it shows too little, for people."""
    at = shown_at(claims)
    if at is None:
        return _(_UNKNOWN)
    then = datetime.fromtimestamp(at, UTC)
    return _(_OLD, day=format_skeleton("MMMMd", then, locale=locale()), time=f"{then:%H:%M}")
