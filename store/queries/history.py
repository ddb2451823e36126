"""Everything that happened to a contact or an invoice, out of all the tables that know of it, in one order.

Each table is a source (``history_sources``) that gives its rows in that order from where a reader has come to, and no more
of them than are shown; then they are merged. So a page costs the same however long the story is. What is known by its day
alone stands at the beginning of that day, in the organisation's time zone.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, or_
from sqlalchemy.orm import Session

from store.queries.history_sources import Group, Scope, Source, sources, start_of

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in the order."""

    at: datetime
    ref: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that happened, by its source. ``row`` is empty for messages, which are read when they are shown."""

    place: Place
    source: str
    row: Row[Any]

    @property
    def key(self) -> str:
        return self.place.ref[1:]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a story, and from where on."""

    groups: frozenset[Group] = frozenset(Group)
    first: date | None = None
    last: date | None = None
    after: Place | None = None
    oldest_first: bool = False


def marks(
    session: Session,
    scope: Scope,
    asked: Asked,
    *,
    limit: int | None = None,
    texts: bool = False,
) -> Iterator[Mark]:
    """What happened, in order; with ``texts`` messages come with the words in which one searches.

    Without a ``limit`` everything is gone through, a few hundred rows of each source at a time.
    """
    streams = [
        _stream(session, source, scope, asked, limit) for source in sources(scope, asked.groups, texts)
    ]
    merged = heapq.merge(*streams, key=lambda mark: mark.place, reverse=not asked.oldest_first)
    return islice(merged, limit)


def _stream(
    session: Session, source: Source, scope: Scope, asked: Asked, limit: int | None
) -> Iterator[Mark]:
    statement = source.rows.where(*_span(source, scope, asked), *_behind(source, scope, asked))
    order = (source.at, source.key) if asked.oldest_first else (source.at.desc(), source.key.desc())
    statement = statement.order_by(*order)
    if limit is None:
        found: Any = session.execute(statement, execution_options={"yield_per": _AT_ONCE})
    else:
        found = session.execute(statement.limit(limit))
    for row in found:
        at = start_of(row[0], scope.zone) if source.dated else row[0]
        yield Mark(Place(at, source.letter + row[1]), source.letter, row)


def _span(source: Source, scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    found = []
    if asked.first:
        found.append(source.at >= (asked.first if source.dated else start_of(asked.first, scope.zone)))
    if asked.last:
        beyond = asked.last + timedelta(days=1)
        found.append(source.at < (beyond if source.dated else start_of(beyond, scope.zone)))
    return found


def _behind(source: Source, scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    """Behind the place that a reader has come to, which may be another source's."""
    place = asked.after
    if place is None:
        return []
    at: Any = place.at
    same = True
    if source.dated:
        at = place.at.astimezone(ZoneInfo(scope.zone)).date()
        same = start_of(at, scope.zone) == place.at
    if not same:  # within the day, at whose beginning the rows of the source stand
        return [source.at > at] if asked.oldest_first else [source.at <= at]
    if place.ref[0] != source.letter:
        later = place.ref[0] < source.letter
        if asked.oldest_first:
            return [source.at >= at] if later else [source.at > at]
        return [source.at < at] if later else [source.at <= at]
    key = place.ref[1:]
    if asked.oldest_first:
        return [source.at >= at, or_(source.at > at, source.key > key)]
    return [source.at <= at, or_(source.at < at, source.key < key)]
