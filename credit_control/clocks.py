"""Clocks on walls, which jump: the instants at which they show a time.

An opening that is skipped happens at the jump, one that comes twice counts the second time, and a closing
that comes twice counts the first time after the opening, so that a wall clock in the zone reads a time inside
the hours all the while they last.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The zone with this IANA name; ``ValueError`` with one sentence if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not found; not a zone's name; a folder's name
        raise ValueError(
            f"“{name}” is no known time zone; give an IANA name such as Europe/London."
        ) from error


def hours_of(zone: ZoneInfo, day: date, opens: time, closes: time) -> tuple[datetime, datetime] | None:
    """The stretch (UTC) of ``day`` between two times on the wall; None if clocks skip all of it."""
    start = instants(zone, datetime.combine(day, opens))[1]
    first, last = instants(zone, datetime.combine(day, closes))
    end = first if first > start else last
    return (start, end) if start < end else None


def instants(zone: ZoneInfo, wall: datetime) -> tuple[datetime, datetime]:
    """The first and the last UTC instant at which clocks show ``wall``; the jump, twice, if they skip it."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    last = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first <= last:
        return first, last
    jump = _jump(zone, last, first)
    return jump, jump


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The instant between two others at which the zone's clocks jump."""
    offset = before.astimezone(zone).utcoffset()
    seconds = range((after - before) // _SECOND + 1)

    def jumped(second: int) -> bool:
        return (before + second * _SECOND).astimezone(zone).utcoffset() != offset

    return before + bisect_left(seconds, True, key=jumped) * _SECOND
