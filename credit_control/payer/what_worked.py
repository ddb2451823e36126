"""What went before payments: which messages were followed by one within a week. Counts alone; nobody knows why they paid."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Said:
    """A message that left, on the organisation's day."""

    on: date
    channel: str
    sender: str
    step: str


@dataclass(frozen=True, slots=True)
class Worked:
    """Of so many messages, so many payments came within seven days after them."""

    messages: int
    payments: int


@dataclass(frozen=True, slots=True)
class WhatWorked:
    """By channel, weekday (Monday is 0), sender and step."""

    payments: int
    followed: int
    """Of the payments, so many came within seven days after a message."""
    by_channel: Mapping[str, Worked]
    by_weekday: Mapping[int, Worked]
    by_sender: Mapping[str, Worked]
    by_step: Mapping[str, Worked]


def what_worked(messages: Iterable[Said], payment_days: Iterable[date]) -> WhatWorked:
    """Each day with a payment counts for the last message before it, if that left at most seven days earlier.

    A message of the same day counts, since money that is booked on a day mostly came after its morning.
    """
    said = sorted(messages, key=lambda one: one.on)
    days, paid = [one.on for one in said], sorted(set(payment_days))
    hits = Counter[int]()
    for day in paid:
        place = bisect_right(days, day) - 1
        if place >= 0 and day - days[place] <= WITHIN:
            hits[place] += 1
    return WhatWorked(
        len(paid),
        hits.total(),
        _by(hits, [one.channel for one in said]),
        _by(hits, [one.on.weekday() for one in said]),
        _by(hits, [one.sender for one in said]),
        _by(hits, [one.step for one in said]),
    )


_Key = TypeVar("_Key", str, int)


def _by(hits: Counter[int], keys: list[_Key]) -> dict[_Key, Worked]:
    messages, payments = Counter[_Key](), Counter[_Key]()
    for place, key in enumerate(keys):
        messages[key] += 1
        payments[key] += hits[place]
    found = {key: Worked(messages[key], payments[key]) for key in messages if key != ""}
    return dict(sorted(found.items(), key=lambda one: (-one[1].payments, -one[1].messages, str(one[0]))))
