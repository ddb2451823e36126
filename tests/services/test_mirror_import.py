"""The first import: everything arrives once, in slices, whatever dies or changes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from integration.ledger import RateLimited, Unreachable, Unreadable
from kit import clock
from services.mirror import schedule
from services.mirror.slices import CALLS_A_SLICE, read_slice
from store.models import Contact, Invoice, Payment
from tests.support.mirrored import Mirrored, add_organisation, mirrored


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        yield found


def fill(books: Mirrored, contacts: int = 5, invoices: int = 4) -> None:
    """Contacts with invoices in two currencies, every third one paid, and a credit."""
    for contact_number in range(contacts):
        contact = books.ledger.add_contact(f"Contact {contact_number}")
        for number in range(invoices):
            currency = "EUR" if number % 4 == 3 else "GBP"
            invoice = books.ledger.add_invoice(
                contact, f"INV-{contact_number}-{number}", Decimal(number * 100 + 99) / 100, currency=currency
            )
            if number % 3 == 2:
                books.ledger.pay(invoice)
    books.ledger.add_credit(contact, "CN-1", "12.34")


def test_an_import_brings_everything_to_the_cent(books: Mirrored) -> None:
    fill(books)
    books.import_all()
    assert books.open_totals() == books.ledger.open_totals()
    assert set(books.open_credits().values()) == {Decimal("12.34")}
    assert len(books.rows(Contact)) == 5
    assert len(books.rows(Invoice)) == 20
    assert len(books.rows(Payment)) == 5
    assert books.organisation().imported_at is not None
    assert books.organisation().synced_at is not None


def test_a_second_import_changes_nothing(books: Mirrored) -> None:
    fill(books)
    books.import_all()
    before = books.snapshot()
    with books.app.database.write(books.organisation_id) as session:
        for contact in books.rows(Contact):
            session.merge(contact).next_look_at = None
    books.import_all()
    assert books.snapshot() == before
    assert {contact.next_look_at for contact in books.rows(Contact)} == {None}


def test_two_organisations_with_the_same_ledger_ids_stay_apart(books: Mirrored) -> None:
    fill(books, contacts=1)
    books.import_all()
    other = Mirrored(books.app, add_organisation(books.app, "other-tenant"), replace(books.ledger))
    other.import_all()
    assert len(other.rows(Invoice)) == len(books.rows(Invoice)) == 4
    assert not {row.id for row in other.rows(Invoice)} & {row.id for row in books.rows(Invoice)}


def test_drafts_stay_outside_until_they_are_approved(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    draft = books.ledger.add_invoice(contact, "INV-1", status="DRAFT")
    books.import_all()
    assert books.invoice(draft) is None
    books.ledger.change_invoice(draft, status="AUTHORISED")
    books.make_due(schedule.INVOICE_CHANGES)
    books.read_all()
    approved = books.invoice(draft)
    assert approved is not None and approved.status == "AUTHORISED"


def test_a_killed_import_goes_on_where_it_was(books: Mirrored) -> None:
    fill(books, contacts=8, invoices=6)
    books.ledger.page_size = 5
    books.begin()
    deaths = 0

    def die(name: str) -> None:
        nonlocal deaths
        if len(books.ledger.calls) >= (deaths + 1) * 3:
            deaths += 1
            raise KeyboardInterrupt

    books.ledger.before_call = die
    for _ in range(200):
        try:
            if not read_slice(books.app, books.organisation_id, books.ledger):
                break
        except KeyboardInterrupt:
            continue
    assert deaths > 5
    assert books.open_totals() == books.ledger.open_totals()
    assert len(books.ledger.calls) < 60


def test_a_slice_makes_room_for_others(books: Mirrored) -> None:
    fill(books, contacts=30, invoices=1)
    books.ledger.page_size = 2
    books.begin()
    assert read_slice(books.app, books.organisation_id, books.ledger) is True
    assert len(books.ledger.calls) == CALLS_A_SLICE


def test_the_first_look_is_possible_before_history_has_been_read(books: Mirrored) -> None:
    fill(books, contacts=8)
    books.begin()
    books.ledger.page_size = 2
    while not books.position(schedule.OPEN_INVOICES).completed_at:
        read_slice(books.app, books.organisation_id, books.ledger)
    assert books.open_totals() == books.ledger.open_totals()
    assert not books.position(schedule.PAYMENTS).completed_at


def test_progress_counts_each_document_once_and_ends_complete(books: Mirrored) -> None:
    fill(books, contacts=7)
    books.ledger.page_size = 3
    books.begin()
    with books.app.database.read(books.organisation_id) as session:
        assert {step.done for step in schedule.progress(session, books.organisation_id)} == {False}
    seen = []
    more = True
    while more:
        more = read_slice(books.app, books.organisation_id, books.ledger)
        with books.app.database.read(books.organisation_id) as session:
            seen.append(schedule.progress(session, books.organisation_id))
    assert all(step.expected is None or step.read <= step.expected for steps in seen for step in steps)
    assert {(step.resource, step.read, step.done) for step in seen[-1]} == {
        ("contacts", 7, True),
        ("open_invoices", 21, True),
        ("credits", 1, True),
        ("paid_invoices", 7, True),
        ("payments", 7, True),
    }


def test_an_invoice_that_changes_while_pages_are_read_hides_no_other(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoices = [books.ledger.add_invoice(contact, f"INV-{number}") for number in range(40)]
    books.ledger.page_size = 7
    books.begin()
    touched = iter(invoices)

    def touch(name: str) -> None:
        if name == "invoices_page" and (first := next(touched, None)):
            books.ledger.change_invoice(first, reference="touched")

    books.ledger.before_call = touch
    books.read_all()
    assert len(books.rows(Invoice)) == 40


def test_thousands_of_changes_in_one_second_are_all_read(books: Mirrored) -> None:
    books.ledger.tick = timedelta(0)
    fill(books, contacts=9, invoices=3)
    books.ledger.page_size = 2
    books.import_all()
    assert len(books.rows(Invoice)) == 27


def test_only_one_process_reads_an_organisation(books: Mirrored) -> None:
    fill(books, contacts=1)
    books.begin()
    inside: list[bool] = []

    def meanwhile(name: str) -> None:
        books.ledger.before_call = lambda _name: None
        inside.append(read_slice(books.app, books.organisation_id, books.ledger))
        assert schedule.due(books.app) == []

    books.ledger.before_call = meanwhile
    assert schedule.due(books.app) == [books.organisation_id]
    books.read_all()
    assert inside == [False]
    assert books.open_totals() == books.ledger.open_totals()


def test_a_limit_stops_the_organisation_until_the_ledger_says(books: Mirrored) -> None:
    books.begin()
    books.ledger.failures.append(RateLimited("minute", 42))
    books.read_all()
    assert len(books.ledger.calls) == 1
    assert schedule.due(books.app) == []
    waiting = books.position(schedule.CONTACTS)
    assert timedelta(seconds=40) < waiting.next_at - clock.now() <= timedelta(seconds=42)
    assert waiting.problem is not None and "minute limit" in waiting.problem


def test_a_silent_ledger_is_asked_less_and_less_often(books: Mirrored) -> None:
    books.begin()
    waits = []
    for _ in range(5):
        books.ledger.failures.append(Unreachable("Xero did not answer."))
        before = clock.now()
        books.read_all()
        waits.append(round((books.position(schedule.CONTACTS).next_at - before).total_seconds() / 60))
        books.make_due(*schedule.FIRST_IMPORT)
    assert waits == [1, 2, 5, 15, 15]
    books.read_all()
    assert books.position(schedule.CONTACTS).problem is None
    assert books.organisation().imported_at is not None


def test_a_list_that_cannot_be_read_does_not_stop_the_others(books: Mirrored) -> None:
    fill(books)
    books.begin()
    books.ledger.failures.append(Unreadable("The ledger's answer was cut short."))
    books.read_all()
    assert books.position(schedule.CONTACTS).problem == "The ledger's answer was cut short."
    assert books.open_totals() == books.ledger.open_totals()
    assert books.organisation().imported_at is None
    books.make_due(schedule.CONTACTS)
    books.read_all()
    assert books.organisation().imported_at is not None


def test_contacts_known_only_by_name_are_asked_for_once(books: Mirrored) -> None:
    fill(books, contacts=3, invoices=1)
    books.begin()
    books.ledger.failures.append(Unreadable("The ledger's answer was cut short."))
    gone = books.ledger.add_contact("Gone")
    books.ledger.add_invoice(gone, "INV-gone")
    del books.ledger.contact_book[gone]
    books.read_all()
    known = {contact.name: contact.status for contact in books.rows(Contact)}
    assert known == {"Contact 0": "ACTIVE", "Contact 1": "ACTIVE", "Contact 2": "ACTIVE", "Gone": "STUB"}
    books.make_due(schedule.INVOICE_CHANGES)
    asked = books.ledger.calls.count("contacts")
    books.read_all()
    assert books.ledger.calls.count("contacts") == asked


def test_one_absurd_amount_does_not_cost_the_page(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    books.ledger.add_invoice(contact, "INV-1", "10.00")
    for number, absurd in enumerate(("1e30", "0.00001", "NaN")):
        books.ledger.add_invoice(contact, f"BAD-{number}", absurd)
    books.ledger.add_invoice(contact, "INV-2", "20.00", currency="GBP" * 20)
    books.ledger.add_invoice(contact, "NUL\x00byte" + "x" * 10_000, "30.00")
    books.import_all()
    assert {invoice.number[:7] for invoice in books.rows(Invoice)} == {"INV-1", "NULbyte"}


def test_reconnecting_catches_up(books: Mirrored) -> None:
    fill(books)
    books.import_all()
    invoice = books.ledger.add_invoice(books.ledger.add_contact("New"), "INV-new")
    assert schedule.due(books.app) == []
    books.begin()
    assert schedule.due(books.app) == [books.organisation_id]
    books.read_all()
    assert books.invoice(invoice) is not None
