"""Filling a database with a book of any size, as an import would leave it, but as fast as the database takes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, insert, literal, select, text, update
from sqlalchemy.orm import Session

from credit_control.facts import Action, Course, Step
from kit import clock
from services import presets
from services.app import App
from services.mirror import rows, schedule
from store.courses import course_of
from store.ids import document_id
from store.models import Contact, Invoice, Membership, Organisation, Person, StepTaken
from store.queries.mirror import Row
from tests.bench.book import A_CONTACT, TODAY, Book, due_on
from tests.support.mirrored import default_sender

OWNER = "f" * 32
_CHUNK = 20_000


def organisation_id(number: int = 0) -> str:
    return f"{number:032x}"


def add_organisation(app: App, number: int = 0, *, chasing: str = "live") -> str:
    """A connected organisation with an owner, whose import is complete and whose polls are not due."""
    now, key = clock.now(), organisation_id(number)
    with app.database.write_across() as session:
        if session.get(Person, OWNER) is None:
            session.add(
                Person(id=OWNER, subject="owner", email="o@bench.example", name="Anna Hale", created_at=now)
            )
        session.add(
            Organisation(
                id=key,
                ledger="xero",
                ledger_tenant_id=f"tenant-{number}",
                name=f"Bench {number}",
                timezone="Europe/London",
                base_currency="GBP",
                country="GB",
                connection="connected",
                chasing=chasing,
                imported_at=now,
                synced_at=now,
                created_at=now,
            )
        )
        session.flush()
        session.add(Membership(organisation_id=key, person_id=OWNER, role="owner"))
        session.add(default_sender(key, "Anna Hale", "anna@bench.example"))
        presets.install(session, key, now)
        schedule.begin_import(session, key, now)
        session.flush()
        read = text(
            "UPDATE sync_positions SET completed_at = :now, next_at = :later WHERE organisation_id = :key"
        )
        values = {"now": now, "later": now + timedelta(hours=12), "key": key}
        session.execute(read.bindparams(*(bindparam(k, v, type_=_TYPES.get(k)) for k, v in values.items())))
    return key


_TYPES = dict.fromkeys(("now", "later"), Contact.__table__.c.next_look_at.type)


def fill(app: App, key: str, book: Book) -> None:
    """The mirror of this book."""
    for numbers in _chunks(book.customers):
        put(app, key, Contact.__table__, (rows.contact_row(key, book.contact(one)) for one in numbers))
    for numbers in _chunks(book.invoices_open):
        put(app, key, Invoice.__table__, (rows.invoice_row(key, book.invoice(one)) for one in numbers))


def add_customers(app: App, key: str, book: Book, total: int) -> None:
    """Customers who owe nothing, beside those of the book, until there are so many."""
    for numbers in _chunks(total - book.customers):
        those = (book.contact(book.customers + one) for one in numbers)
        put(app, key, Contact.__table__, (rows.contact_row(key, one) for one in those))


def live_through_the_past(app: App, key: str, book: Book) -> None:
    """Every step before today was taken on its day, and its mail left; nothing waits."""
    with app.database.write(key) as session:
        for table in ("steps_taken", "communication_invoices", "communications"):
            session.execute(text(f"DELETE FROM {table}"))
        course = course_of(session, key)
        if course is None:
            raise RuntimeError("the organisation has no schedule")
        for step in course.schedule.steps:
            _take(session, course, step)
        for numbers in _chunks(book.customers):
            _write_to(session, key, course, numbers)


def analyse(app: App) -> None:
    """What either database does by itself in the course of a day, done at once."""
    if app.database.dialect == "sqlite":
        with app.database.write_across() as session:
            session.execute(text("ANALYZE"))
        return
    with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def put(app: App, key: str, table: Any, found: Iterable[Row]) -> None:
    """These rows, which are of this organisation, into this table."""
    with app.database.write(key) as session:
        if app.database.dialect == "sqlite":
            session.connection().execute(insert(table), list(found))
        else:
            _copy(session, table, list(found))


def _copy(session: Session, table: Table, found: Sequence[Row]) -> None:
    """Through a table of this session alone, because COPY knows no row security."""
    names, dialect = list(found[0]), session.get_bind().dialect
    columns = ", ".join(f'"{name}"' for name in names)
    session.execute(text(f"CREATE TEMP TABLE load (LIKE {table.name} INCLUDING DEFAULTS) ON COMMIT DROP"))
    prepare = [_preparer(table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    cursor = session.connection().connection.cursor()
    with cursor.copy(f"COPY load ({columns}) FROM STDIN") as copy:
        for row in found:
            copy.write_row([make(row[name]) for make, name in zip(prepare, names, strict=True)])
    session.execute(text(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM load"))


def _preparer(processor: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """What the driver is given for a value; lists go as JSON."""

    def prepare(value: Any) -> Any:
        if isinstance(value, list):
            return json.dumps(value)
        return processor(value) if processor else value

    return prepare


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


def _write_to(session: Session, key: str, course: Course, numbers: Sequence[int]) -> None:
    """The last mails to customers left on the days of their last steps."""
    mails = [step.offset_days for step in course.schedule.steps if step.action is Action.EMAIL]
    behind = {
        number: [days for days in mails if due_on(number) + timedelta(days) < TODAY] for number in numbers
    }
    found = [
        {"contact": document_id(key, f"contact-{number}"), "left_at": _at_ten(number, days[-1])}
        for number, days in behind.items()
        if days
    ]
    if found:
        one = (Contact.organisation_id == key, Contact.id == bindparam("contact"))
        session.connection().execute(
            update(Contact).where(*one).values(last_message_at=bindparam("left_at")), found
        )


def _at_ten(contact: int, days: int) -> datetime:
    return datetime.fromisoformat(f"{due_on(contact) + timedelta(days)} 10:00+00:00")


def _chunks(count: int) -> Iterator[range]:
    step = _CHUNK - _CHUNK % A_CONTACT
    for start in range(0, count, step):
        yield range(start, min(start + step, count))
