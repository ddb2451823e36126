"""What a large firm and its accountants have after some years: a ledger of so many open invoices, many of everything that
lists show, and a practice with so many clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from kit.folding import distinct_words
from kit.ids import derived_id
from services import account_links, foresight, plan, practice_sets, presets
from services.app import App
from services.data_rights import persons
from services.figures import keeping
from services.payer import look
from store.models import (
    AccountPages,
    AuditEntry,
    Base,
    BulkItem,
    Communication,
    Contact,
    Dispute,
    Hold,
    Invoice,
    LedgerNote,
    MessageWords,
    Organisation,
    PaidClaim,
    PracticeRun,
    PracticeRunClient,
    PromiseToPay,
    Reply,
    StrayMail,
    TeamTask,
)
from store.queries import figures_kept
from tests.bench import past, seed
from tests.bench.book import MORNING, Book
from tests.support import practice_cast
from tests.support.addresses import ids_of
from tests.support.cast import Cast
from tests.support.mirrored import default_sender
from tests.support.practice_cast import PracticeCast
from tests.support.schema import create_tables
from tests.web.api.conftest import Api, for_every_route, furnished

MESSAGES = 10_000
_EACH_CLIENT = 20
"""Open invoices of a practice's client."""
_PAID_OF_EACH = 4
"""Invoices that each customer has paid."""
_MANY: tuple[tuple[type[Base], int], ...] = (
    (Dispute, 200), (PromiseToPay, 300), (TeamTask, 300), (StrayMail, 100), (PaidClaim, 100), (Hold, 300),
)  # fmt: skip
_NOTES = 5_000
_WAITING = 500
"""Replies that somebody still has to deal with."""
_ACTS = 50_000
"""Entries of the audit log."""
_WORDS = (
    "Thank you for your mail of last week about the invoices that are still open. We have passed them on to our"
    " colleagues in the accounts department, who will look at them and come back to you by the end of the month at"
    " the latest. The delivery of {0} was short by {1} boxes, and we wait for a credit note of {2}.50 before we pay. "
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How much of what counts: open invoices, a practice's clients, customers at the least, reminders of a year."""

    invoices: int
    clients: int
    customers: int = 0
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """Whose it is, and what its addresses are made of."""

    api: Api
    practice: PracticeCast
    ids: dict[str, str]

    @property
    def cast(self) -> Cast:
        return self.api.cast


def build(app: App, size: Size) -> World:
    """All of it on an empty database: a planned day, everything foreseen, the figures kept, and the night's look taken."""
    create_tables(app.database)
    api = furnished(app)
    for_every_route(api)
    practice = practice_cast.fill(app.database, api.cast)
    key = api.cast.organisation_id
    with app.database.write_across() as session:
        session.execute(update(Organisation).where(Organisation.id == key).values(chasing="live"))
    seed.fill(app, key, Book(size.invoices))
    seed.add_customers(app, key, Book(size.invoices), size.customers)
    past.paid(app, key, Book(size.invoices), _PAID_OF_EACH)
    if size.reminders:
        past.fill(app, key, Book(size.invoices), size.reminders)
    with app.database.write(key) as session:
        _many(session, key)
        code = _account_page(app, session, api.cast)
    with app.database.write_across() as session:
        shared = _practice(app, session, practice, size.clients)
    for client in clients_of(size.clients):
        seed.fill(app, client, Book(_EACH_CLIENT))
        _months(app, client)
    everybody = (key, *clients_of(size.clients))
    for one in everybody:
        plan.plan(app, one, everything=True, approve=True)
    seed.analyse(app)
    with app.database.write(key) as session:
        its = select(Contact.id).where(Contact.organisation_id == key)
        figures_kept.mark_stale(session, key, set(session.scalars(its)))
    keeping.renew(app, key)
    for one in everybody:
        while foresight.foresee(app, one):
            pass
    look.look(app, key)
    return World(api, practice, ids_of(api.cast, practice) | shared | _found(app, api.cast, code))


def _months(app: App, client: str) -> None:
    """The figures by month of a client, of which those of all clients are made."""
    with app.database.write(client) as session:
        contacts = list(session.scalars(select(Contact.id).where(Contact.organisation_id == client)))
        figures_kept.mark_stale(session, client, contacts)
    keeping.renew(app, client)


def clients_of(count: int) -> list[str]:
    """The ids of so many clients."""
    return [derived_id("organisation", _client(number)) for number in range(count)]


def _client(number: int) -> str:
    return f"Client {number:03} Ltd"


def _many(session: Session, key: str) -> None:
    """Of everything that the cast has one of, many, each about another customer."""
    by_number = select(Contact.id).where(Contact.name.startswith("Contact ")).order_by(Contact.id)
    invoice_of = dict(session.execute(select(Invoice.contact_id, Invoice.id).order_by(Invoice.id)).all())
    contacts = [one for one in session.scalars(by_number) if one in invoice_of]
    for model, count in _MANY:
        first = _first(session, model, key)
        whom = contacts[:count]
        ids = [derived_id(model.__name__, one) for one in whom]
        _add(session, model, [
            _like(first, id=one, contact_id=contact, invoice_id=invoice_of[contact])
            for one, contact in zip(ids, whom, strict=True)
        ])  # fmt: skip
    said = [_message(key, contacts[number % len(contacts)], number) for number in range(MESSAGES)]
    _add(session, Communication, said)
    _add(session, MessageWords, [_words(one) for one in said])
    note = _first(session, LedgerNote, key)
    _add(session, LedgerNote, [
        note | {"id": one["id"], "communication_id": one["id"], "ledger_id": one["contact_id"]} for one in said[:_NOTES]
    ])  # fmt: skip
    waiting = _first(session, Reply, key) | {"state": "waiting", "settled_as": None}
    about = ("contact_id", "created_at")
    _add(session, Reply, [
        waiting | {"communication_id": one["id"]} | {name: one[name] for name in about} for one in said[:_WAITING]
    ])  # fmt: skip
    _add(
        session, AuditEntry, [_act(key, number, contacts[number % len(contacts)]) for number in range(_ACTS)]
    )
    run = _first(session, BulkItem, key)
    _add(
        session,
        BulkItem,
        [run | {"place": place, "about": contacts[place % len(contacts)]} for place in range(1, 500)],
    )


def _first(session: Session, model: type[Base], key: str) -> Row:
    table = model.__table__
    mine = select(table).where(table.c.organisation_id == key)
    return dict(session.execute(mine.order_by(*table.primary_key).limit(1)).one()._mapping)


def _like(first: Row, **other: Any) -> Row:
    return first | {name: value for name, value in other.items() if name in first}


def _add(session: Session, model: type[Base], rows: list[Row]) -> None:
    session.connection().execute(insert(model), rows)


def _message(key: str, contact: str, number: int) -> Row:
    at = MORNING - timedelta(minutes=number)
    text = " ".join(_WORDS.format(number, number % 97, number + part) for part in range(4))
    return {
        "organisation_id": key, "id": derived_id("said", str(number)), "direction": "in", "channel": "email",
        "kind": "reply", "status": "received", "contact_id": contact, "subject": f"Re: reminder {number}",
        "body_text": text, "created_at": at, "sent_at": at,
    }  # fmt: skip


def _words(said: Row) -> Row:
    return {
        "organisation_id": said["organisation_id"],
        "communication_id": said["id"],
        "words": distinct_words(str(said["subject"]), str(said["body_text"])),
        "created_at": said["created_at"],
    }


def _act(key: str, number: int, contact: str) -> Row:
    return {
        "id": derived_id("act", str(number)), "organisation_id": key, "at": MORNING - timedelta(minutes=7 * number),
        "who": "Anna Hale", "via": "page", "act": "changed", "subject": "contacts", "subject_id": contact,
        "contact_id": contact, "before": {"language": "en"}, "after": {"language": "de"},
    }  # fmt: skip


def _account_page(app: App, session: Session, cast: Cast) -> str:
    """The code of a link to a customer's own page."""
    session.merge(AccountPages(organisation_id=cast.organisation_id, offered=True))
    session.flush()
    link = account_links.link_for(
        app.settings, session, cast.organisation_id, cast.contact_id, communication_id=derived_id("reminder"),
        now=MORNING,
    )  # fmt: skip
    return (link or "").rpartition("/")[2]


def _practice(app: App, session: Session, practice: PracticeCast, clients: int) -> Row:
    """The clients, half of them staff's own, a shared set that they were given, and the run that did it."""
    for number in range(clients):
        client = practice_cast.organisation(_client(number), MORNING)
        client.chasing = "live"
        session.add(client)
        session.flush()
        presets.install(session, client.id, MORNING)
        session.add(practice_cast.consent(practice.practice_id, client.id, "Somebody", MORNING))
        session.add(default_sender(client.id, "Somebody", f"client{number}@clients.example"))
    set_id = practice_sets.make(
        session, practice.practice_id, "Everybody", "preset:Firm", None, "Adele Admin", ()
    )
    run = PracticeRun(
        id=derived_id("practice run"), practice_id=practice.practice_id, set_id=set_id, to="dry_run",
        made_by="Adele Admin", person_id=practice.admin_id, created_at=MORNING,
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.add_all(
        PracticeRunClient(organisation_id=one, run_id=run.id, state="done", expected=0, done_at=MORNING)
        for one in clients_of(clients)
    )
    session.flush()
    return {"set_id": set_id, "practice_enabling.run run_id": run.id}


def _found(app: App, cast: Cast, code: str) -> Row:
    """What has its name by being there: the customer's page, a person of it, a mail of the queue."""
    key = cast.organisation_id
    with app.database.read(key) as session:
        person = persons.listed(session, session.get_one(Contact, (key, cast.contact_id)))[0]
        return {"code": code, "mark": person[0], "key": _mail(session)}


def _mail(session: Session) -> str:
    waits = select(Communication.id).where(Communication.kind == "chaser", Communication.status == "planned")
    return session.scalars(waits.order_by(Communication.id).limit(1)).one()
