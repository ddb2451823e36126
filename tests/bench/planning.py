"""Planning open invoices: a book's first day, and an ordinary one against a bare scan of the same rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import psycopg
import time_machine
from sqlalchemy import bindparam, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

from credit_control.facts import Action, Step
from kit.ids import derived_id
from services import plan
from services.app import App
from store.facts import Course, course_of
from store.models import Contact, Invoice, StepTaken
from tests.bench.ground import ORGANISATION
from tests.bench.measure import Figure, Ratio, by_turns, once

TODAY = date(2026, 10, 14)
"""A Wednesday."""
_MORNING = datetime.combine(TODAY, time(10, 30), UTC)
_LAST_EVENING = _MORNING - timedelta(hours=14)
_A_CONTACT = 5
_CHUNK = 4_000
_COLUMNS = "id, contact_id, number, issued_on, due_on, currency, total, amount_due, status, expected_on"


def measure(app: App, kind: str, invoices: int) -> list[Ratio | Figure]:
    """The first day, on which everybody who is overdue is written to, and then a day of the running book."""
    with time_machine.travel(_MORNING, tick=True) as traveller:
        _fill(app, invoices)
        first = _first_day(app, kind, invoices)
        _live_through_the_past(app, invoices // _A_CONTACT)
        traveller.move_to(_LAST_EVENING)
        plan.plan(app, ORGANISATION, everything=True)
        traveller.move_to(_MORNING)
        _analyse(app)
        _check_that_the_day_is_ordinary(app)
        ordinary = by_turns(
            f"planning {invoices:,} open invoices on an ordinary day, {kind}",
            lambda: _ordinary_day(app),
            lambda: _bare_scan(app),
            rounds=1,
            aim=3,
        )
    return [first, ordinary]


def _first_day(app: App, kind: str, invoices: int) -> Figure:
    done, spent = once(lambda: plan.plan(app, ORGANISATION, everything=True))
    return Figure(
        f"planning {invoices:,} open invoices for the first time, {kind}",
        f"{spent}, {done.planned:,} messages, {done.planned / spent.seconds:,.0f} messages/s",
    )


def _ordinary_day(app: App) -> None:
    if not plan.plan(app, ORGANISATION).planned:
        raise RuntimeError("nothing was planned on the ordinary day")


def _check_that_the_day_is_ordinary(app: App) -> None:
    """About one contact in twenty has a step due today, and nothing is left over from yesterday."""
    with app.database.read() as session:
        contacts = session.scalar(select(func.count()).select_from(Contact)) or 0
        due = session.scalar(select(func.count()).where(Contact.next_look_at <= _MORNING)) or 0
        chasers = session.scalar(text("SELECT count(*) FROM communications"))
    if not 0.04 < due / contacts < 0.07 or chasers:
        raise RuntimeError(f"no ordinary day: {due} of {contacts} contacts are due, {chasers} chasers wait")


def _bare_scan(app: App) -> int:
    """Read the columns that planning needs of every open invoice, with the bare driver."""
    query = (
        f"SELECT {_COLUMNS} FROM invoices WHERE organisation_id = '{ORGANISATION}' "
        "AND status = 'AUTHORISED' AND amount_due > 0 ORDER BY contact_id"
    )
    url = app.settings.database_url
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        return sum(1 for _ in file.execute(query))
    with psycopg.connect(url) as server, server.cursor("scan") as cursor:
        cursor.itersize = 10_000
        return sum(1 for _ in cursor.execute(query))


def _fill(app: App, invoices: int) -> None:
    """Contacts with five invoices each."""
    with app.database.write() as session:
        _empty(session, "invoices", "contacts")
    for numbers in _chunks(invoices // _A_CONTACT):
        with app.database.write() as session:
            connection = session.connection()
            connection.execute(insert(Contact), [_contact(number) for number in numbers])
            connection.execute(insert(Invoice), [row for number in numbers for row in _invoices(number)])
    _analyse(app)


def _live_through_the_past(app: App, contacts: int) -> None:
    """Every step before today was taken on its day, and its mail left; nothing waits."""
    with app.database.write() as session:
        _empty(session)
        course = course_of(session, ORGANISATION)
        if course is None:
            raise RuntimeError("the organisation has no schedule")
        for step in course.schedule.steps:
            _take(session, course, step)
        for numbers in _chunks(contacts):
            _write_to(session, course, numbers)


def _take(session: Session, course: Course, step: Step) -> None:
    """A step of every invoice that had its day before today."""
    columns = {
        "organisation_id": Invoice.organisation_id,
        "invoice_id": Invoice.id,
        "schedule_version_id": literal(course.schedule.version_id),
        "position": literal(step.position),
        "state": literal("taken"),
        "on": Invoice.due_on,
    }
    had_its_day = select(*columns.values()).where(Invoice.due_on < TODAY - timedelta(step.offset_days))
    session.connection().execute(insert(StepTaken).from_select(list(columns), had_its_day))


def _write_to(session: Session, course: Course, numbers: Sequence[int]) -> None:
    """The last mails to contacts left on the days of their last steps."""
    mails = [step.offset_days for step in course.schedule.steps if step.action is Action.EMAIL]
    behind = {
        number: [days for days in mails if _due_on(number) + timedelta(days) < TODAY] for number in numbers
    }
    rows = [
        {"contact": _contact_id(number), "left_at": _at_ten(_due_on(number) + timedelta(days[-1]))}
        for number, days in behind.items()
        if days
    ]
    one = (Contact.organisation_id == ORGANISATION, Contact.id == bindparam("contact"))
    session.connection().execute(
        update(Contact).where(*one).values(last_message_at=bindparam("left_at")), rows
    )


def _due_on(number: int) -> date:
    """All invoices of a contact are due on one day, from sixty days ago to sixty days ahead."""
    return TODAY + timedelta(number * 37 % 121 - 60)


def _at_ten(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)


def _contact_id(number: int) -> str:
    return derived_id("contact", str(number))


def _chunks(count: int) -> Iterator[range]:
    for start in range(0, count, _CHUNK):
        yield range(start, min(start + _CHUNK, count))


def _empty(session: Session, *more: str) -> None:
    for table in ("steps_taken", "communication_invoices", "communications", *more):
        session.execute(text(f"DELETE FROM {table}"))


def _analyse(app: App) -> None:
    """What either database does by itself in the course of a day, done at once."""
    if app.database.dialect == "sqlite":
        with app.database.write() as session:
            session.execute(text("ANALYZE"))
        return
    with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _contact(number: int) -> dict[str, object]:
    return {
        "organisation_id": ORGANISATION,
        "id": _contact_id(number),
        "ledger_id": f"contact-{number}",
        "name": f"Contact {number}",
        "email": f"accounts@c{number}.example",
        "persons": [],
        "status": "ACTIVE",
        "updated_at": _LAST_EVENING,
        "fingerprint": "x",
    }


def _invoices(number: int) -> list[dict[str, object]]:
    names = [f"contact-{number}-{index}" for index in range(_A_CONTACT)]
    return [
        {
            "organisation_id": ORGANISATION,
            "id": derived_id(name),
            "ledger_id": name,
            "contact_id": _contact_id(number),
            "number": name,
            "issued_on": _due_on(number) - timedelta(30),
            "due_on": _due_on(number),
            "currency": "GBP",
            "total": 120,
            "amount_due": 120,
            "amount_paid": 0,
            "amount_credited": 0,
            "status": "AUTHORISED",
            "updated_at": _LAST_EVENING,
            "fingerprint": "x",
        }
        for name in names
    ]
