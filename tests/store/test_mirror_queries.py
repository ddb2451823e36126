"""Writing batches into the mirror, the same on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kit import clock
from services.mirror.write import store_contacts, store_credits, store_invoices
from store.database import Database
from store.ids import document_id
from store.models import Contact, Invoice
from store.queries import mirror
from tests.support.mirrored import Mirrored, add_organisation, mirrored


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        yield found


def test_a_document_twice_in_one_batch_is_written_once_as_the_newer(books: Mirrored) -> None:
    invoice = books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1")
    old = books.ledger.invoice_book[invoice]
    books.ledger.pay(invoice)
    new = books.ledger.invoice_book[invoice]
    with books.app.database.write(books.organisation_id) as session:
        store_invoices(
            session, books.organisation_id, [new, old, new, replace(old, id=old.id.upper())], clock.now()
        )
    (row,) = books.rows(Invoice)
    assert row.status == "PAID"


def test_a_whole_page_and_more_fits_in_one_batch(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    for number in range(1_200):
        books.ledger.add_invoice(contact, f"INV-{number}")
    everything = list(books.ledger.invoice_book.values())
    for _ in range(2):
        with books.app.database.write(books.organisation_id) as session:
            store_invoices(session, books.organisation_id, everything, clock.now())
    assert len(books.rows(Invoice)) == 1_200


def test_the_returned_contacts_are_those_whose_documents_changed(books: Mirrored) -> None:
    ann, bob = books.ledger.add_contact("Ann"), books.ledger.add_contact("Bob")
    first, second = books.ledger.add_invoice(ann, "INV-1"), books.ledger.add_invoice(bob, "INV-2")
    ids = {name: document_id(books.organisation_id, each) for name, each in (("ann", ann), ("bob", bob))}

    def store() -> set[str]:
        with books.app.database.write(books.organisation_id) as session:
            invoices = list(books.ledger.invoice_book.values())
            return store_invoices(session, books.organisation_id, invoices, clock.now())

    assert store() == {ids["ann"], ids["bob"]}
    assert store() == set()
    books.ledger.pay(second)
    assert store() == {ids["bob"]}
    books.ledger.change_invoice(first, contact_id=bob)
    assert store() == {ids["ann"], ids["bob"]}


def test_a_stub_becomes_a_contact_and_never_the_other_way_round(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann", "ann@example.com")
    books.ledger.add_credit(contact, "CN-1")
    with books.app.database.write(books.organisation_id) as session:
        store_credits(session, books.organisation_id, books.ledger.open_credits(), clock.now(), complete=True)
    stub = books.contact(contact)
    assert stub is not None and (stub.name, stub.status, stub.email) == ("Ann", "STUB", None)
    with books.app.database.write(books.organisation_id) as session:
        store_contacts(session, books.organisation_id, books.ledger.contacts([contact]), clock.now())
    books.ledger.add_invoice(contact, "INV-1")
    with books.app.database.write(books.organisation_id) as session:
        store_invoices(session, books.organisation_id, list(books.ledger.invoice_book.values()), clock.now())
    known = books.contact(contact)
    assert known is not None and (known.status, known.email) == ("ACTIVE", "ann@example.com")


def test_a_look_that_was_planned_sooner_stays(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    now = clock.now()
    sooner, later = now - timedelta(hours=1), now + timedelta(hours=1)
    with books.app.database.write(books.organisation_id) as session:
        store_contacts(session, books.organisation_id, books.ledger.contacts([contact]), now)
    key = document_id(books.organisation_id, contact)
    looks: list[datetime | None] = []
    for planned in (None, sooner, later):
        with books.app.database.write(books.organisation_id) as session:
            session.get_one(Contact, (books.organisation_id, key)).next_look_at = planned
        with books.app.database.write(books.organisation_id) as session:
            mirror.look_again(session, books.organisation_id, {key}, now)
        found = books.contact(contact)
        assert found is not None
        looks.append(found.next_look_at)
    assert looks == [now, sooner, now]


def test_organisations_with_the_same_contact_share_nothing(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    books.ledger.add_invoice(contact, "INV-1")
    other = add_organisation(books.app, "other-tenant")
    for organisation_id in (books.organisation_id, other):
        with books.app.database.write(organisation_id) as session:
            store_invoices(session, organisation_id, list(books.ledger.invoice_book.values()), clock.now())
    with books.app.database.write(other) as session:
        mirror.look_again(session, other, {document_id(books.organisation_id, contact)}, clock.now())
        assert mirror.known_invoices(session, other, [row.id for row in books.rows(Invoice)]) == {}


def test_writers_of_one_organisation_never_block_each_other_for_good(books: Mirrored) -> None:
    contacts = [books.ledger.add_contact(f"Contact {number}") for number in range(20)]
    for number in range(60):
        books.ledger.add_invoice(contacts[number % 20], f"INV-{number}")
    mistakes: list[BaseException] = []

    def write(reverse: bool) -> None:
        database = Database(books.app.settings.database_url)
        try:
            for _ in range(5):
                for invoice in list(books.ledger.invoice_book):
                    books.ledger.change_invoice(invoice, reference=str(clock.now()))
                invoices = sorted(
                    books.ledger.invoice_book.values(), key=lambda each: each.id, reverse=reverse
                )
                with database.write(books.organisation_id) as session:
                    store_invoices(session, books.organisation_id, invoices[:40], clock.now())
                    store_contacts(
                        session, books.organisation_id, books.ledger.contacts(contacts), clock.now()
                    )
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test must show it
            mistakes.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=write, args=(reverse,)) for reverse in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert mistakes == []
    assert len(books.rows(Invoice)) == 60
