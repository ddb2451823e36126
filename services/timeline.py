"""The story of a contact or an invoice: what was said, paid and decided, in order, to be filtered and searched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from kit import clock
from kit.folding import Words
from services.timeline_events import Event, of_message, of_row
from store.models import Contact, Invoice, Organisation
from store.queries import history, timeline
from store.queries.history import Asked, Mark, Place
from store.queries.history_sources import MESSAGE, Group, Scope

LONGEST_SEARCH = 200
MOST_AT_ONCE = 200
_CURSOR = re.compile(r"(-?[0-9]{1,17})\.([a-z][0-9a-f.]{1,100})", re.ASCII)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see of a story. ``person``: who said, wrote or did it, or to whom it went."""

    groups: frozenset[Group] = frozenset(Group)
    words: str = ""
    person: str = ""
    first: date | None = None
    last: date | None = None
    after: str | None = None
    """The cursor of the page before."""
    oldest_first: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it is less than everything."""
        return bool(self.words or self.person or self.first or self.last) or self.groups != frozenset(Group)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a story; ``following`` is the cursor behind which it goes on, None at its end."""

    events: Sequence[Event]
    following: str | None


class NoSuchPlace(ValueError):
    """A cursor that is none of ours."""


def scope_of(organisation: Organisation, contact: Contact | str, invoice: Invoice | None = None) -> Scope:
    """A contact's story, or an invoice's."""
    return Scope(
        organisation.id,
        contact if isinstance(contact, str) else contact.id,
        organisation.timezone,
        clock.today(organisation.timezone),
        invoice.id if invoice else None,
        invoice.issued_on if invoice else None,
    )


def page(session: Session, scope: Scope, wish: Wish, limit: int) -> Page:
    """The next events of a story. ``NoSuchPlace`` for a cursor that is none of ours."""
    asked = Asked(wish.groups, wish.first, wish.last, _place(wish.after), wish.oldest_first)
    found = list(islice(_matching(session, scope, asked, wish, limit + 1), limit + 1))
    shown = found[:limit]
    following = cursor_of(shown[-1].place) if len(found) > limit else None
    return Page(_events(session, scope, shown), following)


def whole(session: Session, scope: Scope, wish: Wish) -> Iterator[Event]:
    """All events of a story, read some at a time so that a long one takes no more memory than a short one."""
    following = wish.after
    while True:
        part = page(session, scope, replace(wish, after=following), MOST_AT_ONCE)
        yield from part.events
        session.expunge_all()
        following = part.following
        if following is None:
            return


def is_longer_than(session: Session, scope: Scope, wish: Wish, most: int) -> bool:
    """Whether there are more events than so many."""
    asked = Asked(wish.groups, wish.first, wish.last, _place(wish.after), wish.oldest_first)
    return sum(1 for _ in islice(_matching(session, scope, asked, wish, most + 1), most + 1)) > most


def cursor_of(place: Place) -> str:
    """A place as a reader carries it about."""
    return f"{(place.at - _BEGINNING) // _MICROSECOND}.{place.ref}"


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise NoSuchPlace(cursor)
    try:
        return Place(_BEGINNING + int(found[1]) * _MICROSECOND, found[2])
    except OverflowError:
        raise NoSuchPlace(cursor) from None


def _matching(session: Session, scope: Scope, asked: Asked, wish: Wish, limit: int) -> Iterator[Mark]:
    """What is wanted, in order. Only where one searches are texts read, from the reader's end on until enough is found."""
    words, person = Words(wish.words), Words(wish.person)
    if not words and not person:
        return history.marks(session, scope, asked, limit=limit)
    names = timeline.names_of(session, scope) if words else {}
    found = history.marks(session, scope, asked, texts=True)
    return (
        mark
        for mark in found
        if (not words or words.are_in(_text(mark, names))) and (not person or person.are_in(_people(mark)))
    )


def _text(mark: Mark, names: Mapping[str, str]) -> str:
    if mark.source != MESSAGE:
        return of_row(mark).searchable
    row = mark.row
    own = (row.subject, row.body_text, row.reason, row.step_name, row.kind, names.get(row.id), _people(mark))
    return "\n".join(one for one in own if one)


def _people(mark: Mark) -> str:
    if mark.source != MESSAGE:
        return of_row(mark).by
    row = mark.row
    return " ".join(one for one in (row.from_name, row.from_email, *row.to, *row.cc) if one)


def _events(session: Session, scope: Scope, shown: Sequence[Mark]) -> list[Event]:
    ids = [mark.key for mark in shown if mark.source == MESSAGE]
    entries = timeline.messages(session, scope.organisation_id, ids) if ids else {}
    return [of_message(mark, entries[mark.key]) if mark.source == MESSAGE else of_row(mark) for mark in shown]
