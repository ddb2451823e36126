"""How fast the list pages open, and the search answers, at so many open invoices: ratios to a page that asks for nothing.

``python -m tests.bench.list_pages 20000`` alone, or as a part of ``make bench``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import time_machine
from sqlalchemy import event, insert, select

from kit.folding import distinct_words
from kit.ids import derived_id
from services import foresight, plan
from services.app import App
from store.models import Communication, Contact, Invoice, MessageWords
from tests.bench import seed
from tests.bench.book import MORNING, Book
from tests.bench.ground import databases, settings_for
from tests.bench.measure import Figure, once
from tests.support import redis as redis_server
from tests.support.schema import create_tables
from tests.support.visitor import Visitor
from web import create_app

SIZE = 20_000
_MESSAGES = 10_000
_TIMES = 20
_WORDS = (
    "Thank you for your mail of last week about the invoices that are still open. We have passed them on to our"
    " colleagues in the accounts department, who will look at them and come back to you by the end of the month at"
    " the latest. The delivery of {0} was short by {1} boxes, and we wait for a credit note of {2}.50 before we pay. "
)


def build(app: App, invoices: int) -> str:
    """One organisation with so many open invoices, a planned day, and ten thousand messages."""
    create_tables(app.database)
    key = seed.add_organisation(app)
    seed.fill(app, key, Book(invoices))
    plan.plan(app, key, everything=True, approve=True)
    with app.database.read(key) as session:
        contacts = list(session.scalars(select(Contact.id).order_by(Contact.id)))
    said = [_message(key, contacts[number % len(contacts)], number) for number in range(_MESSAGES)]
    words = [
        {
            "organisation_id": key,
            "communication_id": one["id"],
            "words": distinct_words(str(one["subject"]), str(one["body_text"])),
            "created_at": one["created_at"],
        }
        for one in said
    ]
    with app.database.write(key) as session:
        session.connection().execute(insert(Communication), said)
        session.connection().execute(insert(MessageWords), words)
    seed.analyse(app)
    while foresight.foresee(app, key):
        pass
    return key


def _message(key: str, contact: str, number: int) -> dict[str, object]:
    at = MORNING - timedelta(minutes=number)
    text = " ".join(_WORDS.format(number, number % 97, number + part) for part in range(4))
    return {
        "organisation_id": key, "id": derived_id("said", str(number)), "direction": "in", "channel": "email",
        "kind": "reply", "status": "received", "contact_id": contact, "subject": f"Re: reminder {number}",
        "body_text": text, "created_at": at, "sent_at": at,
    }  # fmt: skip


def measure(app: App, kind: str, invoices: int) -> Iterator[Figure]:
    """Each page some times after a first one: the median, the slowest twentieth, statements, and how many floors that is."""
    key = build(app, invoices)
    web = create_app(app)
    client = Visitor(web).signed_in_as(seed.OWNER).client
    counted = [0]

    @event.listens_for(app.database.engine, "before_cursor_execute")
    def count(*_: object) -> None:
        counted[0] += 1

    here, floor = f"/organisations/{key}", 0.0
    for name, path in paths(app, key).items():
        if client.get(here + path).status_code != 200:
            raise RuntimeError(f"{path} was not answered")
        counted[0] = 0
        spent = [once(lambda path=path: client.get(here + path))[1] for _ in range(_TIMES)]  # type: ignore[misc]
        found = sorted(one.seconds for one in spent)
        middle, slow = statistics.median(found), found[-(-_TIMES * 95 // 100) - 1]
        cpu = statistics.median(one.cpu_seconds for one in spent)
        floor = floor or middle
        yield Figure(
            f"{kind}, {invoices:,} open: {name}",
            f"p50 {middle * 1000:7.1f} ms ({middle / floor:5.1f} floors)  p95 {slow * 1000:7.1f} ms"
            f" ({slow / floor:5.1f} floors)  CPU {cpu * 1000:6.1f} ms  {counted[0] // _TIMES} statements",
        )


def paths(app: App, key: str) -> dict[str, str]:
    """The floor first: the search page, before anything is looked for."""
    with app.database.read(key) as session:
        contact = session.scalar(select(Contact.id).where(Contact.organisation_id == key).limit(1))
        invoice = session.scalar(select(Invoice.id).where(Invoice.organisation_id == key).limit(1))
    return {
        "floor (a page without a list)": "/search",
        "search: a name": "/search?q=contact+77",
        "search: a number": "/search?q=INV-1977",
        "search: an amount": "/search?q=1,234.50",
        "search: a word of all messages": "/search?q=department",
        "search: a word of one message": "/search?q=9876.50",
        "search: nothing": "/search?q=xylophone",
        "customers": "/contacts",
        "customers, overdue": "/contacts?show=overdue",
        "customers, searched": "/contacts?q=contact+77",
        "customers, page 20": "/contacts?page=20",
        "invoices": "/invoices",
        "invoices, overdue": "/invoices?show=overdue",
        "invoices, disputed": "/invoices?show=disputed",
        "invoices, by customer": "/invoices?sort=customer",
        "invoices, searched": "/invoices?q=1977",
        "queue": "/queue",
        "inbox": "/inbox",
        "calls": "/calls",
        "tasks": "/to-do",
        "promises": "/promises",
        "disputes": "/disputes",
        "customer": f"/contacts/{contact}",
        "invoice": f"/invoices/{invoice}",
        "data health": "/data-health",
        "settings": "/settings",
    }


def main(sizes: Sequence[int]) -> None:
    """Alone, on both databases."""
    folder = Path(tempfile.mkdtemp(prefix="dk-bench-"))
    folder.chmod(0o755)
    redis = redis_server.start(folder / "redis")
    try:
        with databases(folder) as found, time_machine.travel(MORNING, tick=True):
            for kind, url in found.items():
                for size in sizes:
                    app = App(settings_for(url, redis.url))
                    for figure in measure(app, kind, size):
                        print(figure, flush=True)
                    app.database.close()
    finally:
        redis.stop()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [SIZE])
