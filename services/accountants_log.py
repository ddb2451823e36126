"""What an organisation's accountants did in its name: the acts of the audit log, and what they put down, in one list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Final

from sqlalchemy.orm import Session

from kit.spreadsheet import csv_stream
from kit.wording import N_, _
from services import audit_log
from services.app import App
from store import audit
from store.models import Communication
from store.queries import accountants_log as queries
from store.queries.audit import Filter, Place

_BY_PRACTICE: Final = Filter(by_practice=True)
_SAID: Final = {
    "call": N_("%(who)s logged a call with %(customer)s"),
    "note": N_("%(who)s wrote a note about %(customer)s"),
    "answer": N_("%(who)s answered %(customer)s"),
    "letter": N_("%(who)s noted a letter to %(customer)s"),
    "skip": N_("%(who)s left a step out for %(customer)s"),
    "review": N_("%(who)s looked through %(customer)s"),
}
_AT_ONCE = 500
_HEADING = ("when", "practice", "what", "details")


@dataclass(frozen=True, slots=True)
class Done:
    """One act, in a sentence. ``contact_id`` is of the customer whom it is about, if it is about one."""

    at: datetime
    id: str
    practice: str
    said: str
    details: str
    contact_id: str | None
    put_down: bool = False
    """Whether it is something that was said or written, and not a change."""

    @property
    def place(self) -> Place:
        return self.at, self.id


def page(session: Session, organisation_id: str, after: Place | None, limit: int) -> list[Done]:
    """What was done, the newest first; behind a place, if one is given."""
    acts = audit_log.page(session, organisation_id, _BY_PRACTICE, after, limit).lines
    records = queries.records(session, organisation_id, after, limit)
    ids = {one.entry.practice_id for one in acts} | {one.practice_id for one, _ in records}
    names = queries.practices(session, {one for one in ids if one})
    told = (
        Done(
            one.entry.at,
            one.entry.id,
            names.get(one.entry.practice_id or "", ""),
            one.said,
            "; ".join(f"{part.name}: {part.before} → {part.after}" for part in one.differences),
            one.entry.contact_id,
        )
        for one in acts
    )
    put_down = (_record(one, name, names) for one, name in records)
    both = merge(told, put_down, key=lambda one: one.place, reverse=True)
    return list(islice(both, limit))


def export(app: App, organisation_id: str) -> Iterator[bytes]:
    """All of it as CSV, a piece at a time. That somebody took it along is noted first."""
    with app.database.write(organisation_id) as session:
        audit.note_act(session, organisation_id, act="exported", about="accountants_log")
    return csv_stream(
        _HEADING,
        ((one.at.isoformat(), one.practice, one.said, one.details) for one in _all(app, organisation_id)),
    )


def _all(app: App, organisation_id: str) -> Iterator[Done]:
    after: Place | None = None
    while True:
        with app.database.read(organisation_id) as session:
            found: Sequence[Done] = page(session, organisation_id, after, _AT_ONCE)
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = found[-1].place


def _record(one: Communication, customer: str, names: dict[str, str]) -> Done:
    practice = names.get(one.practice_id or "", "")
    who = one.from_name if one.kind != "answer" and one.from_name else practice
    details = ": ".join(filter(None, (one.subject, one.body_text)))
    said = _(_SAID[one.kind], who=who, customer=customer)
    return Done(one.created_at, one.id, practice, said, details, one.contact_id, put_down=True)
