"""What is measured at each size, one function a part, each in a process of its own on the database that the last one left."""

from __future__ import annotations

import json
import sqlite3
import statistics
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import psycopg
import time_machine
from sqlalchemy import func, select, text, update

from jobs import clock as clock_process
from kit import clock
from services import api_tokens, foresight, news, plan, send
from services.app import App
from services.mirror import schedule
from services.mirror.slices import read_slice
from store.models import Communication, Contact, InboxEvent, Invoice, SyncPosition
from tests.bench import seed
from tests.bench.book import A_CONTACT, LAST_EVENING, MORNING, Book
from tests.bench.figures import figures
from tests.bench.measure import Sample, sampled
from tests.support.fake_mailer import FakeMailer
from tests.support.schema import create_tables
from tests.support.visitor import Visitor
from web import create_app

Part = Callable[[App, int, int], list[Sample]]

_EVENTS = 20
_MAILS = 200


def build(app: App, invoices: int, organisations: int) -> list[Sample]:
    """Not measured: the tables, and so many organisations that share so many open invoices."""
    create_tables(app.database)
    for number in range(organisations):
        key = seed.add_organisation(app, number)
        seed.fill(app, key, Book(invoices // organisations))
    seed.analyse(app)
    return []


def first_day(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """The book's first day: everybody who is overdue is written to."""
    key = seed.organisation_id()
    return [
        sampled("planning a first day", lambda: plan.plan(app, key, everything=True, approve=True), invoices)
    ]


def settled(app: App, _invoices: int, _organisations: int) -> list[Sample]:
    """Not measured: what either database does by itself in the course of a day."""
    seed.analyse(app)
    return []


def webhook(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """From a payment's webhook, as it lies in the inbox, to the chaser that is cancelled; the median of some."""
    key, book = seed.organisation_id(), Book(invoices)
    found = [_one_payment(app, key, book, number) for number in _chased(app, key, _EVENTS)]
    return [_median("webhook to cancelled chaser", found)]


def _chased(app: App, key: str, most: int) -> list[int]:
    """Numbers of invoices about which a chaser waits, of as many customers."""
    waiting = select(Communication.contact_id).where(
        Communication.organisation_id == key, Communication.status == "planned"
    )
    statement = (
        select(func.min(Invoice.ledger_id))
        .where(Invoice.organisation_id == key, Invoice.contact_id.in_(waiting))
        .group_by(Invoice.contact_id)
        .order_by(Invoice.contact_id)
        .limit(most)
    )
    with app.database.read(key) as session:
        return [int(one.rpartition("-")[2]) for one in session.scalars(statement)]


def _one_payment(app: App, key: str, book: Book, number: int) -> Sample:
    """All invoices of the customer are paid, and the ledger's events say so."""
    first = number - number % A_CONTACT
    for one in range(first, first + A_CONTACT):
        book.pay(one)
    now = clock.now()
    with app.database.write_across() as session:
        for one in range(first, first + A_CONTACT):
            payload = {
                "resourceId": f"invoice-{one}",
                "eventCategory": "INVOICE",
                "eventDateUtc": now.isoformat(),
            }
            session.add(
                InboxEvent(source="xero", key=f"paid-{one}", tenant="tenant-0", payload=json.dumps(payload).encode(),
                           received_at=now, next_try_at=now)
            )  # fmt: skip
    before = _cancelled(app, key)

    def follow_and_plan() -> None:
        news.follow(app, "tenant-0", key, book)
        plan.plan(app, key)

    found = sampled("webhook to cancelled chaser", follow_and_plan, 1)
    if _cancelled(app, key) != before + 1:
        raise RuntimeError("the payment cancelled no chaser")
    return found


def _cancelled(app: App, key: str) -> int:
    with app.database.read(key) as session:
        cancelled = select(func.count()).where(Communication.status == "cancelled")
        return session.scalar(cancelled.where(Communication.organisation_id == key)) or 0


def sending(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """Some of the waiting chasers: claimed, checked, composed, handed over and settled; the provider takes at once."""
    key, mailer = seed.organisation_id(), FakeMailer()
    _leave_for_tomorrow(app, key, _MAILS)

    def send_all() -> None:
        while send.send_with(app, key, Book(invoices), mailer):
            pass

    found = sampled("sending a mail", send_all, 1)
    if not mailer.taken:
        raise RuntimeError("no mail left")
    return [found.each(len(mailer.taken))]


def _leave_for_tomorrow(app: App, key: str, but: int) -> None:
    """All waiting chasers but so many."""
    waiting = (Communication.organisation_id == key, Communication.status == "planned")
    with app.database.write(key) as session:
        today = set(
            session.scalars(select(Communication.id).where(*waiting).order_by(Communication.id).limit(but))
        )
        session.execute(
            update(Communication)
            .where(*waiting, Communication.id > max(today))
            .values(planned_for=MORNING + timedelta(days=1), not_after=MORNING + timedelta(days=1, hours=5))
        )


def pages(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """Every page and list that people and programs open, the median of three after a first one."""
    key = seed.organisation_id()
    client = Visitor(create_app(app)).signed_in_as(seed.OWNER).client
    with app.database.read(key) as session:
        contact = session.scalar(select(func.min(Contact.id)).where(Contact.organisation_id == key))
        invoice = session.scalar(select(func.min(Invoice.id)).where(Invoice.organisation_id == key))
    here = f"/organisations/{key}"
    paths = {
        "organisations": "/organisations",
        "queue": f"{here}/queue",
        "customers": f"{here}/contacts",
        "customers, found by name": f"{here}/contacts?q=contact+77",
        "customers, page 20": f"{here}/contacts?page=20",
        "customer": f"{here}/contacts/{contact}",
        "invoice": f"{here}/invoices/{invoice}",
        "first look": f"{here}/first-look",
        "settings": f"{here}/settings",
        "metrics": "/metrics",
        "readyz": "/readyz",
    }

    def load(path: str) -> None:
        answer = client.get(path, headers={"Authorization": "Bearer bench"} if path == "/metrics" else {})
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status}")

    seen = sampled("foreseeing the coming weeks", lambda: foresight.foresee(app, key), invoices)
    return [seen, *(_page(f"page: {name}", partial(load, path)) for name, path in paths.items())]


def lists(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """The lists of the API: first pages, and filtered ones."""
    key = seed.organisation_id()
    client, token = create_app(app).test_client(), api_tokens.create(app, key, "owner")

    def load(path: str) -> None:
        answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status}")

    paths = (
        "/contacts",
        "/invoices",
        "/invoices?overdue=true",
        "/invoices?status=PAID",
        "/communications",
        "/communications?status=planned",
        "/communications?status=bounced",
        "/ledger-notes",
        "/reports/ageing",
    )
    return [_page(f"api: {path}", partial(load, path)) for path in paths]


def _page(name: str, load: Callable[[], object]) -> Sample:
    load()
    return _median(name, [sampled(name, load, 1) for _ in range(3)])


def _median(name: str, found: list[Sample]) -> Sample:
    if not found:
        raise RuntimeError(f"nothing to measure: {name}")
    return Sample(
        name,
        statistics.median(one.seconds for one in found),
        statistics.median(one.cpu_seconds for one in found),
        1,
    )


def sweep(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """The night's sweep of a book that has not changed, and then a poll of it; both must change nothing."""
    key, book = seed.organisation_id(), Book(invoices)
    found = []
    for name, resources, most in (
        ("sweeping an unchanged book", (schedule.CONTACTS, schedule.OPEN_INVOICES), invoices),
        (
            "polling an unchanged book",
            (schedule.INVOICE_CHANGES, schedule.CONTACT_CHANGES, schedule.PAYMENTS),
            1,
        ),
    ):
        _make_due(app, key, resources)
        book.calls = 0
        found.append(sampled(name, lambda: _read_all(app, key, book), most))
        found[-1].note = f"{book.calls:,} calls"
    return found


def _make_due(app: App, key: str, resources: tuple[str, ...]) -> None:
    with app.database.write(key) as session:
        session.execute(
            update(SyncPosition)
            .where(SyncPosition.organisation_id == key, SyncPosition.resource.in_(resources))
            .values(next_at=clock.now(), changed_since=LAST_EVENING + timedelta(hours=1))
        )


def _read_all(app: App, key: str, book: Book) -> None:
    while read_slice(app, key, book):
        pass


def past(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """Not measured: the book has been running for long, and yesterday was planned."""
    key, book = seed.organisation_id(), Book(invoices)
    seed.live_through_the_past(app, key, book)
    with time_machine.travel(LAST_EVENING, tick=True):
        plan.plan(app, key, everything=True)
    seed.analyse(app)
    with app.database.read(key) as session:
        contacts = session.scalar(select(func.count()).select_from(Contact)) or 0
        due = session.scalar(select(func.count()).where(Contact.next_look_at <= MORNING)) or 0
        chasers = session.scalar(text("SELECT count(*) FROM communications"))
    if not 0.02 < due / contacts < 0.09 or chasers:
        raise RuntimeError(f"no ordinary day: {due} of {contacts} contacts are due, {chasers} chasers wait")
    return []


def ordinary_day(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """A day of the running book: about one customer in twenty has a step due. Beside it, a bare scan of the same rows."""
    key = seed.organisation_id()
    scanned = [sampled("", lambda: _bare_scan(app, key), invoices) for _ in range(2)][1]
    found = sampled("planning an ordinary day", lambda: plan.plan(app, key), invoices)
    found.note = f"{found.seconds / scanned.seconds:.1f} × a bare scan (aim 3)"
    return [found]


def _bare_scan(app: App, key: str) -> int:
    """Read the columns that planning needs of every open invoice, with the bare driver."""
    query = (
        "SELECT id, contact_id, number, issued_on, due_on, currency, total, amount_due, status, expected_on "
        f"FROM invoices WHERE organisation_id = '{key}' AND status = 'AUTHORISED' AND amount_due > 0 ORDER BY contact_id"
    )
    url = app.settings.database_url
    if url.startswith("sqlite"):
        return sum(1 for _ in sqlite3.connect(url.removeprefix("sqlite:///")).execute(query))
    with psycopg.connect(url) as server, server.cursor("scan") as cursor:
        server.execute("SELECT set_config('dunnock.organisation', %s, true)", (key,))
        cursor.itersize = 10_000
        return sum(1 for _ in cursor.execute(query))


def tick(app: App, _invoices: int, organisations: int) -> list[Sample]:
    """A tick of the clock when nothing is due, and one when every organisation has something to plan."""
    for number in range(organisations):
        plan.plan(app, seed.organisation_id(number), everything=True)
    holder = "bench"
    with app.database.write_across() as session:
        session.execute(update(Communication).values(planned_for=MORNING + timedelta(days=1)))
    idle = [sampled("clock tick, nothing due", lambda: clock_process.tick(app, holder), 1) for _ in range(5)]
    with app.database.write_across() as session:
        first = select(func.min(Contact.id)).group_by(Contact.organisation_id)
        session.execute(update(Contact).where(Contact.id.in_(first)).values(next_look_at=clock.now()))
    busy = sampled("clock tick, each has something to plan", lambda: clock_process.tick(app, holder), 1)
    return [_median("clock tick, nothing due", idle), busy]


PARTS: dict[str, Part] = {
    part.__name__: part
    for part in (
        build,
        first_day,
        settled,
        webhook,
        sending,
        pages,
        lists,
        sweep,
        past,
        ordinary_day,
        tick,
        figures,
    )
}
