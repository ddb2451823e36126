"""What is known of how a customer may be contacted: rules of its country, what has gone to it, and what it wants.

Nothing here is advice. Rules are data with a source (``law/contacting.toml``); where none is known, nothing is claimed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """How somebody is contacted."""

    EMAIL = "email"
    SMS = "sms"
    CALL = "call"
    LETTER = "letter"


class Force(StrEnum):
    """Whether a rule keeps our messages back, or is only said. In the data: whether it binds a creditor."""

    WARNING = "warning"
    LIMIT = "limit"


class Grade(StrEnum):
    """How a rule was read: in the present words of the law or the regulator, or in reports or an earlier edition of it."""

    OFFICIAL = "official"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class ContactRule:
    """One rule. It is about hours, or about how often."""

    id: str
    country: str
    """ISO 3166; empty: everywhere."""
    kinds: frozenset[str]
    """For which kinds of customer; empty: for all."""
    ways: frozenset[Way]
    force: Force
    since: date
    says: str
    """A sentence without its full stop."""
    source: str
    grade: Grade = Grade.OFFICIAL
    until: date | None = None
    """Its last day; None: it still holds."""
    hours: tuple[tuple[time, time] | None, ...] = ()
    """For each weekday, Monday first, the hours at the customer's place; empty: it is not about hours."""
    holidays: bool = True
    """Whether the hours hold on public holidays as well; else nothing goes out on them."""
    most: int = 0
    """At most so many contacts in ``days`` days; 0: it is not about how often."""
    days: int = 0
    attempts: bool = False
    """Calls in which nobody was reached count as well."""

    def __hash__(self) -> int:
        """By its name: it is looked up for every contact for which it holds."""
        return hash(self.id)

    def holds(self, way: Way, day: date) -> bool:
        """Whether it is about this way, on this day."""
        return way in self.ways and self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Contacted:
    """Something that went to a customer, or a call with it."""

    at: datetime
    way: Way
    reached: bool = True
    """Of a call: somebody could be spoken to."""


@dataclass(frozen=True, slots=True)
class Contacting:
    """All that is known of how one customer may and wants to be contacted."""

    rules: tuple[ContactRule, ...] = ()
    """Those of its country and kind, of whatever date."""
    contacted: tuple[Contacted, ...] = ()
    """What has gone to it lately; only looked up where a rule counts."""
    unwanted: tuple[tuple[Way, str], ...] = ()
    """By which ways it wants nothing, each with a sentence that says since when, and how that is known."""
    prefers: Way | None = None
    """How it likes to hear from us."""


def in_force(rules: Iterable[ContactRule], *, reports_bind: bool) -> tuple[ContactRule, ...]:
    """The rules as they hold for an organisation.

    What was only read in reports of a law may be wrong, so it keeps no message back unless the organisation says so.
    """
    return tuple(
        one if reports_bind or one.grade is Grade.OFFICIAL else replace(one, force=Force.WARNING)
        for one in rules
    )


class ContactLawError(ValueError):
    """A file of rules that cannot be used, in one sentence."""


def read_rules(text: str, name: str) -> tuple[ContactRule, ...]:
    """The rules of a file. ``ContactLawError`` names the rule that is wrong."""
    try:
        rows = tomllib.loads(text)["rules"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ContactLawError(f"{name} cannot be read: {error}.") from error
    found = tuple(_rule(row, name) for row in rows)
    if len({one.id for one in found}) < len(found):
        raise ContactLawError(f"{name} has two rules of one id; give each its own.")
    return found


def _rule(row: Mapping[str, Any], name: str) -> ContactRule:
    try:
        rule = ContactRule(
            id=row["id"],
            country=row["country"],
            kinds=frozenset(row["kinds"]),
            ways=frozenset(Way(one) for one in row["ways"]),
            force=Force(row["force"]),
            since=row["from"],
            says=row["says"],
            source=row["source"],
            grade=Grade(row["grade"]),
            until=row.get("until"),
            hours=_hours(row["hours"]) if "hours" in row else (),
            holidays=row.get("holidays", True),
            most=row.get("most", 0),
            days=row.get("days", 0),
            attempts=row.get("attempts", False),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ContactLawError(
            f"The rule “{row.get('id', '?')}” in {name} lacks something or is wrong: {error}."
        ) from error
    if bool(rule.hours) == bool(rule.most and rule.days):
        raise ContactLawError(f"The rule “{rule.id}” in {name} needs either hours, or most and days.")
    return rule


def _hours(written: Mapping[str, str]) -> tuple[tuple[time, time] | None, ...]:
    if not written or not set(written) <= set(_WEEKDAYS):
        raise ValueError(f"hours are by weekday: {', '.join(_WEEKDAYS)}")
    return tuple(_stretch(written[day]) if day in written else None for day in _WEEKDAYS)


def _stretch(written: str) -> tuple[time, time]:
    opens, closes = (time.fromisoformat(part) for part in written.split("-"))
    if opens >= closes:
        raise ValueError(f"{written} is no time")
    return opens, closes


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
