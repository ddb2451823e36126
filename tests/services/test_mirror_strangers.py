"""Contacts that only an invoice has told of: asked for at once, soon again after a failure, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from integration.ledger import LedgerError, NotFound, RateLimited, Refused, Unreachable, Unreadable
from kit import clock
from services import news
from services.mirror import schedule
from store.models import Contact
from tests.services.test_news import TENANT, follow, hasten, tell
from tests.support.mirrored import Mirrored, mirrored


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        found.import_all()
        yield found


def fail_for_contacts(books: Mirrored, *errors: LedgerError) -> None:
    """The next questions about contacts by id fail so; all others are answered."""
    waiting = list(errors)

    def before(name: str) -> None:
        if name == "contacts" and waiting:
            books.ledger.failures.append(waiting.pop(0))

    books.ledger.before_call = before


def news_of_an_unknown_contact(books: Mirrored, *errors: LedgerError) -> str:
    """An invoice is told of, and the question about its contact fails; the contact's id in the ledger."""
    contact = books.ledger.add_contact("Ann", "ann@example.com")
    tell(books, ("INVOICE", books.ledger.add_invoice(contact, "INV-1")))
    fail_for_contacts(books, *errors)
    with pytest.raises(type(errors[0])) as raised:
        follow(books)
    news.put_off(books.app, TENANT, raised.value)
    assert status(books, contact) == "STUB"
    return contact


def status(books: Mirrored, contact: str) -> str:
    found = books.contact(contact)
    assert found is not None
    return found.status


@pytest.mark.parametrize(
    "error", [RateLimited("minute", 30), Unreachable("Out of order."), Unreadable("It was cut short.")]
)
def test_a_contact_that_could_not_be_asked_for_is_asked_for_soon_without_another_event(
    books: Mirrored, error: LedgerError
) -> None:
    contact = news_of_an_unknown_contact(books, error)
    assert schedule.due(books.app) == [books.organisation_id]
    calls = len(books.ledger.calls)
    books.read_all()
    assert status(books, contact) == "ACTIVE"
    assert books.ledger.calls[calls:] == ["contacts"]
    assert schedule.due(books.app) == []


def test_a_contact_that_cannot_be_asked_for_is_tried_less_and_less_often(books: Mirrored) -> None:
    contact = news_of_an_unknown_contact(books, *[Unreachable("Out of order.")] * 5)
    waits = []
    for _ in range(4):
        books.make_due(schedule.STRANGERS)
        before = clock.now()
        books.read_all()
        waits.append(round((books.position(schedule.STRANGERS).next_at - before) / timedelta(minutes=1)))
        assert schedule.due(books.app) == []
    assert waits == [1, 2, 5, 15]
    books.make_due(schedule.STRANGERS)
    books.read_all()
    assert (status(books, contact), schedule.due(books.app)) == ("ACTIVE", [])


def test_more_news_of_an_unknown_contact_does_not_shorten_the_wait(books: Mirrored) -> None:
    contact = news_of_an_unknown_contact(books, *[Unreachable("Out of order.")] * 3)
    books.read_all()
    put_off_until = books.position(schedule.STRANGERS).next_at
    tell(books, ("INVOICE", books.ledger.add_invoice(contact, "INV-2")))
    hasten(books)
    with pytest.raises(Unreachable):
        follow(books)
    assert books.position(schedule.STRANGERS).next_at == put_off_until


@pytest.mark.parametrize("error", [None, Refused("This identifier cannot be read."), NotFound("Unknown.")])
def test_a_contact_that_the_ledger_does_not_know_is_asked_for_once(
    books: Mirrored, error: LedgerError | None
) -> None:
    contact = books.ledger.add_contact("Gone")
    tell(books, ("INVOICE", books.ledger.add_invoice(contact, "INV-1")))
    del books.ledger.contact_book[contact]
    if error:
        fail_for_contacts(books, error)
    follow(books)
    assert (status(books, contact), schedule.due(books.app)) == ("STUB", [])
    tell(books, ("INVOICE", books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-2")))
    follow(books)
    assert books.ledger.calls.count("contacts") == 2


def test_a_contact_that_the_ledger_was_late_to_know_is_complete_after_the_next_sweep(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    tell(books, ("INVOICE", books.ledger.add_invoice(contact, "INV-1")))
    late = books.ledger.contact_book.pop(contact)
    follow(books)
    books.ledger.contact_book[contact] = late
    books.make_due(schedule.CONTACTS)
    books.read_all()
    assert status(books, contact) == "ACTIVE"


def test_news_of_known_contacts_cost_no_call_for_contacts(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    tell(books, ("CONTACT", contact))
    follow(books)
    calls = len(books.ledger.calls)
    tell(books, ("INVOICE", books.ledger.add_invoice(contact, "INV-1")))
    follow(books)
    assert books.ledger.calls[calls:] == ["invoices"]
    assert schedule.due(books.app) == []


def test_a_worker_killed_between_an_invoice_and_its_contact_leaves_the_contact_due(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    tell(books, ("INVOICE", books.ledger.add_invoice(contact, "INV-1")))

    def die(name: str) -> None:
        if name == "contacts":
            books.ledger.before_call = lambda _name: None
            raise KeyboardInterrupt

    books.ledger.before_call = die
    with pytest.raises(KeyboardInterrupt):
        follow(books)
    assert schedule.due(books.app) == [books.organisation_id]
    books.read_all()
    assert [each.status for each in books.rows(Contact)] == ["ACTIVE"]
