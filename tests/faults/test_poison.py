"""What cannot be handled is put aside after some tries, and holds up nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from integration.ledger import LedgerContact, NoteTarget
from kit import clock
from services import abandoned, news, parked, plan
from services.app import App
from services.inbox_loop import Done, Work, work_through
from store.models import Contact, InboxEvent
from store.queries.mail_inbox import Waiting
from store.receiving import NewEvent, receive
from tests.support.chasing import Chasing, chasing
from tests.support.fake_ledger import FakeLedger
from tests.support.mirrored import Mirrored, make_app, mirrored

NOW = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)
_SOURCE = "sendgrid_events"
POISON = b"poison"


class Killed(BaseException):
    """The process is gone; nothing in it can catch that."""


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    app = make_app(database_url, tmp_path)
    yield app
    app.database.close()


def _arrive(app: App, *payloads: bytes) -> None:
    with app.database.write_across() as session:
        for number, payload in enumerate(payloads):
            session.add(
                InboxEvent(
                    source=_SOURCE, key=str(number), tenant=None, payload=payload, received_at=NOW,
                    next_try_at=NOW, handled_at=None, outcome=None,
                )
            )  # fmt: skip


def _outcomes(app: App) -> dict[bytes, str | None]:
    with app.database.read_across() as session:
        rows = session.execute(select(InboxEvent.payload, InboxEvent.outcome))
        return {payload: outcome for payload, outcome in rows}  # noqa: C416  # rows are not pairs to mypy


def _work(harm: type[BaseException] | None = None) -> Work[bytes]:
    """Everything is fine but the poison, which does harm."""

    def read(payload: bytes) -> bytes:
        if harm and payload == POISON:
            raise harm
        return payload

    return Work(_SOURCE, 100, read, _fine, lambda _app, _payload: None)


def _fine(_session: Session, _waiting: Waiting, _read: bytes, _now: datetime) -> Done:
    return Done("fine")


@pytest.mark.parametrize("harm", [Killed, MemoryError, ZeroDivisionError])
def test_a_mail_event_that_ends_its_worker_is_parked_and_costs_no_other_its_tries(
    app: App, harm: type[BaseException]
) -> None:
    others = [b"%d" % number for number in range(30)]
    _arrive(app, *others[:10], POISON, *others[10:])
    with time_machine.travel(NOW) as traveller:
        for _ in range(60):
            with suppress(Killed):
                work_through(app, _work(harm))
            traveller.shift(61)
    outcomes = _outcomes(app)
    assert {outcomes[other] for other in others} == {"fine"}
    assert "tried 5 times" in (outcomes[POISON] or "")


def test_what_was_parked_is_counted_and_can_be_tried_again(app: App) -> None:
    _arrive(app, POISON, b"one")
    with time_machine.travel(NOW) as traveller:
        for _ in range(7):
            work_through(app, _work(ZeroDivisionError))
            traveller.shift(61)
        assert parked.recently(app) == {"sendgrid_events": 1}
        assert parked.replay(app) == 1
        work_through(app, _work())
        assert parked.recently(app) == {}
        assert parked.replay(app) == 0
    assert set(_outcomes(app).values()) == {"fine"}


def test_news_that_names_nobody_is_not_tried_again(app: App) -> None:
    receive(app.database, [{**_parked_news(b"nobody"), "tenant": None}])
    receive(app.database, [_parked_news(b"somebody")])
    with time_machine.travel(NOW):
        assert parked.recently(app) == {"xero": 1}
        assert parked.replay(app) == 1
        assert news.waiting(app) == ["tenant"]


def _parked_news(payload: bytes) -> NewEvent:
    return {
        "source": "xero",
        "key": payload.decode(),
        "tenant": "tenant",
        "payload": payload,
        "received_at": NOW,
        "next_try_at": NOW,
        "handled_at": NOW,
        "outcome": "parked: it was tried five times",
    }


def test_events_behind_one_that_fails_are_handled_in_the_same_round(app: App) -> None:
    _arrive(app, POISON, b"one", b"two")
    with time_machine.travel(NOW):
        work_through(app, _work(ZeroDivisionError))
    outcomes = _outcomes(app)
    assert (outcomes[b"one"], outcomes[b"two"]) == ("fine", "fine")


# -- chasers, notes, contacts, news and lists, around a ledger in memory -----------------------------------


@dataclass
class OneBadDocument(FakeLedger):
    """A ledger one document of which nobody can handle: whoever asks for it, or writes to it, meets ``harm``."""

    bad: str = ""
    harm: type[BaseException] = ZeroDivisionError

    def contacts(self, ids: Sequence[str]) -> list[LedgerContact]:
        self._meet(ids)
        return super().contacts(ids)

    def write_notes(
        self, target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        self._meet([document_id])
        super().write_notes(target, document_id, texts, idempotency_key=idempotency_key)

    def _meet(self, ids: Sequence[str]) -> None:
        if self.bad in [one.lower() for one in ids]:
            raise self.harm


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    """Five customers, each with a chaser that is due now."""
    with chasing(database_url, tmp_path) as found:
        found.ledger = OneBadDocument()
        for name in "ABCDE":
            found.invoice(found.customer(name, f"{name}@example.com".lower()), f"INV-{name}", overdue=3)
        found.mirror()
        found.switch("live")
        yield found


def spoil(org: Chasing, harm: type[BaseException], name: str = "C") -> str:
    """From now on nobody can handle this customer; its id in the ledger."""
    assert isinstance(org.ledger, OneBadDocument)
    bad = next(one.id for one in org.ledger.contact_book.values() if one.name == name)
    org.ledger.bad, org.ledger.harm = bad.lower(), harm
    return bad


@pytest.mark.parametrize("harm", [Killed, ZeroDivisionError])
def test_a_chaser_that_ends_its_sender_again_and_again_is_held_and_the_others_leave(
    org: Chasing, harm: type[BaseException]
) -> None:
    spoil(org, harm)
    for _ in range(6):
        for _ in range(6):
            with suppress(harm):
                org.send()
        org.shift(seconds=91)
        abandoned.settle(org.app)
    (held,) = org.chasers("held")
    assert org.numbers(held) == {"INV-C"} and "fault in Dunnock" in (held.reason or "")
    assert len(org.chasers("sent")) == 4 and set(org.mailer.times_taken.values()) == {1}


def test_a_note_that_cannot_be_written_is_put_aside_and_the_others_are_written(org: Chasing) -> None:
    org.send()
    bad = spoil(org, ZeroDivisionError)
    org.write_notes()
    others = [note for note in org.ledger_notes() if note.ledger_id != bad]
    assert {note.status for note in others} == {"written"}
    for _ in range(5):
        org.shift(minutes=20)
        org.write_notes()
    (note,) = [note for note in org.ledger_notes() if note.ledger_id == bad]
    assert note.status == "refused" and "fault in Dunnock" in (note.problem or "")


def test_a_contact_whose_row_is_broken_does_not_keep_the_others_from_being_planned(org: Chasing) -> None:
    with org.app.database.write(org.organisation_id) as session:
        session.execute(update(Contact).where(Contact.name == "C").values(persons=["not a person"]))
    for contact in list(org.ledger.contact_book.values()):
        org.invoice(contact.id, f"NEW-{contact.name}", overdue=4)
    org.mirror()
    org.plan()
    planned = set().union(*(org.numbers(chaser) for chaser in org.chasers("planned")))
    assert {number for number in planned if number.startswith("NEW")} == {"NEW-A", "NEW-B", "NEW-D", "NEW-E"}
    assert plan.due(org.app) == []


# -- the mirror: news of one document, and one list of several -----------------------------------------------


@pytest.fixture
def traveller() -> Iterator[Any]:
    """The clock, to be moved."""
    with time_machine.travel(NOW) as found:
        yield found


@pytest.fixture
def books(traveller: Any, database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    """An organisation with three customers, imported."""
    with mirrored(database_url, tmp_path, ledger=OneBadDocument()) as found:
        for name in "ABC":
            found.ledger.add_invoice(found.ledger.add_contact(name), f"INV-{name}")
        found.import_all()
        yield found


def test_news_that_cannot_be_followed_is_parked_after_five_tries_and_the_others_are_followed(
    books: Mirrored, traveller: Any
) -> None:
    contacts = list(books.ledger.contact_book)
    assert isinstance(books.ledger, OneBadDocument)
    books.ledger.bad = contacts[1].lower()
    for contact in contacts:
        books.ledger.change_contact(contact, name="Renamed")
        _tell(books, contact)
    for _ in range(6):
        news.follow(books.app, "fake-tenant", books.organisation_id, books.ledger)
        traveller.shift(timedelta(minutes=15))
    outcomes = [str(event.outcome) for event in books.events()]
    assert [outcome.partition(":")[0] for outcome in outcomes] == ["taken over", "parked", "taken over"]
    assert parked.recently(books.app) == {"xero": 1}


def _tell(books: Mirrored, contact: str) -> None:
    payload = {"resourceId": contact, "eventCategory": "CONTACT", "eventDateUtc": "2026-11-16T10:59:00"}
    row: NewEvent = {
        **_parked_news(contact.encode()),
        "tenant": "fake-tenant",
        "payload": json.dumps(payload).encode(),
        "handled_at": None,
        "outcome": None,
    }
    receive(books.app.database, [row])


def test_a_list_that_cannot_be_taken_over_is_put_off_and_the_others_are_read(
    books: Mirrored, traveller: Any
) -> None:
    def fail(call: str) -> None:
        if call == "payments_page":
            raise ZeroDivisionError

    books.ledger.before_call = fail
    invoice = books.ledger.add_invoice(next(iter(books.ledger.contact_book)), "INV-new")
    traveller.shift(timedelta(hours=3))
    books.read_all()
    assert books.invoice(invoice) is not None
    assert "fault in Dunnock" in str(books.position("payments").problem)
    assert books.position("payments").next_at > clock.now()
