"""What went before payments once more, as it is written down in ``docs/payers.md``; nothing of ours is used here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

_Kind = TypeVar("_Kind", int, str)
_YEAR, _WEEK = timedelta(365), timedelta(7)


@dataclass(frozen=True)
class Message:
    """Something that was said to a customer."""

    at: datetime
    channel: str
    sender: str
    step: str


@dataclass(frozen=True)
class Told:
    """Days with a payment, how many came after a message, and of each kind (messages, days)."""

    days: int
    after: int
    by_channel: dict[str, tuple[int, int]]
    by_weekday: dict[int, tuple[int, int]]
    by_sender: dict[str, tuple[int, int]]
    by_step: dict[str, tuple[int, int]]


def before_payments(
    messages: Collection[Message], paid_on: Iterable[date], today: date, zone: ZoneInfo
) -> Told:
    """Day by day: which message was the last one by then, and is it a week old at most?"""

    def day_of(one: Message) -> date:
        return one.at.astimezone(zone).date()

    told = [one for one in messages if today - _YEAR <= day_of(one)]
    days = {day for day in paid_on if today - _YEAR < day <= today}
    hits: list[Message] = []
    for day in days:
        earlier = [one for one in told if day_of(one) <= day]
        if earlier and day - day_of(last := max(earlier, key=lambda one: one.at)) <= _WEEK:
            hits.append(last)

    def by(kind: Callable[[Message], _Kind]) -> dict[_Kind, tuple[int, int]]:
        came = Counter(kind(one) for one in hits)
        return {
            key: (many, came[key]) for key, many in Counter(kind(one) for one in told).items() if key != ""
        }

    return Told(
        len(days),
        len(hits),
        by(lambda one: one.channel),
        by(lambda one: day_of(one).weekday()),
        by(lambda one: one.sender),
        by(lambda one: one.step),
    )
