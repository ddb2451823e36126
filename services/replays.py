"""A schedule replayed on the last twelve months of the organisation's own book, a slice at a time.

It is played as if every customer had been on it. What is told are counts of what the mirror holds; where that does
not go back twelve months it is said from when it does. No model is made of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from credit_control.facts import Contact, Schedule
from credit_control.replay import PastInvoice, paid_by_then, replay
from kit import clock
from kit.doorbell import BULK
from kit.errors import UserError
from kit.wording import _
from services import doors
from services.app import App
from services.books import Desk, desk_of
from store import facts
from store.models import Replay
from store.queries import replays as queries
from store.queries import schedules
from store.queries.switches import organisation_to_change

ASKED, DONE = "asked", "done"
MONTHS = timedelta(days=365)
_AT_ONCE = 50
_TOP = 10


@dataclass(frozen=True, slots=True)
class StepReplayed:
    """One mail of the schedule: how often it would have left, on how many invoices its day came, how many were paid by then."""

    name: str
    messages: int
    invoices: int
    paid_by_then: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay has found; while it goes on, of the contacts played so far."""

    done: bool
    asked_by: str
    asked_at: datetime
    first: date
    last: date
    contacts: int
    """Customers with invoices in that time, as far as they have been played."""
    invoices: int
    messages: int
    by_month: dict[str, dict[str, int]]
    """Month (2026-01) to step to messages."""
    steps: tuple[StepReplayed, ...]
    written_to: int
    most: int
    """Messages to whoever would have got most."""
    top: tuple[tuple[str, str, int], ...]
    """Id, name and messages of the customers who would have got most."""


def ask(app: App, organisation_id: str, schedule_id: str, by: str) -> None:
    """Have the newest version of a schedule replayed, from the beginning. ``UserError`` when there is no such schedule."""
    with app.database.write(organisation_id) as session:
        begin(session, organisation_id, schedule_id, by)
    app.doorbell.ring(doors.REPLAY, organisation_id, queue=BULK)


def begin(session: Session, organisation_id: str, schedule_id: str, by: str) -> None:
    """The same within the caller's change. The caller rings for it."""
    organisation_to_change(session, organisation_id)
    found = schedules.newest(session, organisation_id, schedule_id)
    if found is None:
        raise UserError(_("There is no such schedule in this organisation; it may have been made elsewhere."))
    desk = desk_of(session, organisation_id)
    last = clock.today(desk.organisation.timezone)
    first = max(last - MONTHS, queries.first_issue(session, organisation_id) or last)
    tally = _empty(first, last)
    queries.put(session, organisation_id, found[1].id, ASKED, tally, by, clock.now())


def due(app: App) -> list[str]:
    """Organisations with a replay that is asked for."""
    with app.database.read_across() as session:
        return queries.organisations_asking(session, ASKED)


def go_on(app: App, organisation_id: str, seconds: float) -> bool:
    """Play for a while; True if there is more to play."""
    until = clock.stopwatch() + seconds
    while clock.stopwatch() < until:
        with app.database.write(organisation_id) as session:
            row = queries.asked(session, organisation_id, ASKED)
            if row is None:
                return False
            _slice(session, desk_of(session, organisation_id), row)
    return True


def found(session: Session, organisation_id: str, schedule_id: str) -> Replayed | None:
    """The replay of the newest version of a schedule; None: nobody has asked for one."""
    newest = schedules.newest(session, organisation_id, schedule_id)
    row = queries.of_version(session, organisation_id, newest[1].id) if newest else None
    return _told(session, row) if row else None


def _slice(session: Session, desk: Desk, row: Replay) -> None:
    """Some contacts more; their counts are stored with how far it got."""
    organisation_id, tally = desk.organisation.id, deepcopy(row.tally)
    first, last = date.fromisoformat(tally["first"]), date.fromisoformat(tally["last"])
    ids = queries.contacts_after(session, organisation_id, row.cursor, first, last, _AT_ONCE)
    if not ids:
        row.state, row.done_at = DONE, clock.now()
        return
    schedule = desk.course.versions[row.schedule_version_id]
    past = queries.past_invoices(session, organisation_id, ids, first, last)
    issued = facts.first_invoices(session, organisation_id, ids)
    for book in facts.books(session, organisation_id, desk.course, ids):
        contact = replace(book.contact, first_invoiced_on=issued.get(book.contact.id))
        _play(desk, schedule, contact, past.get(book.contact.id, []), first, last, tally)
    row.tally, row.cursor = tally, ids[-1]


def _play(
    desk: Desk,
    schedule: Schedule,
    contact: Contact,
    past: Sequence[PastInvoice],
    first: date,
    last: date,
    tally: dict[str, Any],
) -> None:
    sent = replay(schedule, contact, past, desk.policy, first, last)
    tally["contacts"] += 1
    tally["invoices"] += len(past)
    months: dict[str, dict[str, int]] = tally["by_month"]
    for one in sent:
        month = months.setdefault(f"{one.on:%Y-%m}", {})
        month[one.step_name] = month.get(one.step_name, 0) + 1
    for name, (came, paid) in paid_by_then(schedule, contact, past, first, last).items():
        before = tally["steps"].get(name, [0, 0])
        tally["steps"][name] = [before[0] + came, before[1] + paid]
    if sent:
        tally["written_to"] += 1
        top = [*tally["top"], [contact.id, len(sent)]]
        tally["top"] = sorted(top, key=lambda one: (-one[1], one[0]))[:_TOP]


def _empty(first: date, last: date) -> dict[str, Any]:
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "contacts": 0,
        "invoices": 0,
        "written_to": 0,
        "by_month": {},
        "steps": {},
        "top": [],
    }


def _told(session: Session, row: Replay) -> Replayed:
    tally = row.tally
    by_step: Counter[str] = Counter()
    for steps in tally["by_month"].values():
        by_step.update(steps)
    names = queries.names(session, row.organisation_id, [one for one, _ in tally["top"]])
    return Replayed(
        done=row.state == DONE,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        first=date.fromisoformat(tally["first"]),
        last=date.fromisoformat(tally["last"]),
        contacts=tally["contacts"],
        invoices=tally["invoices"],
        messages=sum(by_step.values()),
        by_month=dict(sorted(tally["by_month"].items())),
        steps=tuple(
            StepReplayed(name, by_step[name], came, paid) for name, (came, paid) in tally["steps"].items()
        ),
        written_to=tally["written_to"],
        most=max((count for _, count in tally["top"]), default=0),
        top=tuple((one, names.get(one, ""), count) for one, count in tally["top"]),
    )
