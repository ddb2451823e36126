"""Whether a customer is served as usual: good, watch or on stop, and how that came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountStatus(StrEnum):
    """What sales reads before it takes an order. On stop outweighs watch."""

    GOOD = "good"
    WATCH = "watch"
    ON_STOP = "on_stop"


@dataclass(frozen=True, slots=True)
class Span:
    """A time on watch or on stop; ``until`` None: it goes on."""

    status: AccountStatus
    since: datetime
    by: str
    why: str
    until: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The status became another one: when, by whom, from what to what, and why."""

    at: datetime
    by: str
    before: AccountStatus
    after: AccountStatus
    why: str


def changes(spans: Iterable[Span]) -> list[Change]:
    """How the status changed by these times on watch and on stop, the newest first.

    What changes nothing is left out: a customer on stop who is put on watch stays on stop. What ends and what begins
    in the same moment is one change, told as what begins.
    """
    found: list[Change] = []
    known = list(spans)
    before = AccountStatus.GOOD
    for at in sorted({one.since for one in known} | {one.until for one in known if one.until}):
        after = _status_at(known, at)
        if after is not before:
            by, why = _said(known, at)
            found.append(Change(at, by, before, after, why))
            before = after
    return found[::-1]


def _status_at(spans: Iterable[Span], at: datetime) -> AccountStatus:
    standing = {one.status for one in spans if one.since <= at and (one.until is None or at < one.until)}
    for status in (AccountStatus.ON_STOP, AccountStatus.WATCH):
        if status in standing:
            return status
    return AccountStatus.GOOD


def _said(spans: Iterable[Span], at: datetime) -> tuple[str, str]:
    """Who changed the status in this moment, and why: by what begins, else by what ends, a stop before a watch."""
    ranked = sorted(spans, key=lambda one: one.status is not AccountStatus.ON_STOP)
    begun = [(one.by, one.why) for one in ranked if one.since == at and one.until != at]
    ended = [(one.ended_by, one.ended_why) for one in ranked if one.until == at]
    return (begun + ended)[0]
