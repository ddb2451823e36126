"""Following webhooks: each document named is asked for, few calls, and nothing stops the others."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete

from integration.ledger import LedgerError, LedgerInvoice, RateLimited, Refused, Unreachable
from kit import clock
from services import news
from services.mirror import schedule
from services.mirror.events import LEFT_TO_THE_SYNC, MOST_TRIES, NOT_RETURNED, TAKEN_OVER
from store.models import InboxEvent, Invoice, Lease, Organisation, Payment
from store.receiving import NewEvent, receive
from tests.support.fake_ledger import guid
from tests.support.mirrored import Mirrored, mirrored

TENANT = "fake-tenant"
_keys = itertools.count()


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        found.import_all()
        yield found


def tell(
    books: Mirrored, *documents: tuple[str, str], tenant: str = TENANT, happened: str | None = None
) -> None:
    """Events about these documents, given as category and identifier, as the webhook stores them."""
    now = clock.now()
    when = happened or books.ledger.now.replace(tzinfo=None).isoformat()
    rows: list[NewEvent] = [
        {
            "source": "xero",
            "key": str(next(_keys)),
            "tenant": tenant,
            "payload": json.dumps(
                {"resourceId": named, "eventCategory": category, "eventDateUtc": when, "tenantId": tenant}
            ).encode(),
            "received_at": now,
            "next_try_at": now,
            "handled_at": None,
            "outcome": None,
        }
        for category, named in documents
    ]
    receive(books.app.database, rows)


def follow(books: Mirrored) -> None:
    news.follow(books.app, TENANT, books.organisation_id, books.ledger)


def hasten(books: Mirrored) -> None:
    """Let every event that waits for another try, or for the ledger, be due."""
    with books.app.database.write_across() as session:
        session.execute(delete(Lease))
        for event in books.events():
            session.merge(event).next_try_at = clock.now()


def outcomes(books: Mirrored) -> list[str | None]:
    return [event.outcome for event in books.events()]


def test_news_of_a_new_customer_and_invoice_arrive_with_its_contact(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann", "ann@example.com")
    invoice = books.ledger.add_invoice(contact, "INV-1")
    tell(books, ("INVOICE", invoice))
    assert news.waiting(books.app) == [TENANT]
    follow(books)
    assert books.open_totals() == {"GBP": Decimal("100.00")}
    ann = books.contact(contact)
    assert ann is not None and (ann.email, ann.status) == ("ann@example.com", "ACTIVE")
    assert outcomes(books) == [TAKEN_OVER]
    assert news.waiting(books.app) == []


def test_a_thousand_events_of_one_invoice_cost_one_call(books: Mirrored) -> None:
    invoice = books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1")
    tell(books, *[("INVOICE", invoice)] * 1_000)
    follow(books)
    assert books.ledger.calls.count("invoices") == 1
    assert set(outcomes(books)) == {TAKEN_OVER}


def test_thousands_of_events_of_a_few_documents_cost_one_call(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoices = [books.ledger.add_invoice(contact, f"INV-{number}") for number in range(40)]
    for _ in range(5):
        tell(books, *[("INVOICE", invoice) for invoice in invoices * 25])
    follow(books)
    assert books.ledger.calls.count("invoices") == 1
    assert set(outcomes(books)) == {TAKEN_OVER}


def test_a_flood_of_unknown_documents_makes_room_for_others_and_goes_on_later(books: Mirrored) -> None:
    tell(books, *[("INVOICE", guid(f"unknown-{number}")) for number in range(200)])
    books.ledger.before_call = lambda _name: time.sleep(0.6)
    assert news.follow(books.app, TENANT, books.organisation_id, books.ledger, seconds=1.0)
    assert 1 <= books.ledger.calls.count("invoices") <= 2
    assert news.waiting(books.app) == [TENANT]
    books.ledger.before_call = lambda _name: None
    assert not news.follow(books.app, TENANT, books.organisation_id, books.ledger)
    assert set(outcomes(books)) == {NOT_RETURNED}


def test_payments_too_many_for_one_job_are_left_to_the_sync(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    books.ledger.page_size = 10
    paid = [
        books.ledger.pay(books.ledger.add_invoice(contact, f"INV-{number}"), "1.00") for number in range(50)
    ]
    earliest = (books.ledger.now - timedelta(days=1)).replace(tzinfo=None).isoformat()
    tell(books, *[("PAYMENT", payment) for payment in paid], happened=earliest)
    follow(books)
    assert set(outcomes(books)) == {LEFT_TO_THE_SYNC}
    books.read_all()
    assert len(books.rows(Payment)) == 50
    assert books.open_totals() == books.ledger.open_totals()


def test_many_events_are_fetched_forty_at_a_time(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoices = [books.ledger.add_invoice(contact, f"INV-{number}") for number in range(250)]
    tell(books, *[("INVOICE", invoice) for invoice in invoices * 3])
    follow(books)
    assert books.ledger.calls.count("invoices") == 7
    assert len(books.rows(Invoice)) == 250


def test_each_category_is_followed_in_its_own_way(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoice = books.ledger.add_invoice(contact, "INV-1")
    payment = books.ledger.pay(invoice, "10.00")
    added = [
        books.ledger.add_credit(contact, kind, kind=kind)
        for kind in ("credit_note", "overpayment", "prepayment")
    ]
    categories = ("CREDITNOTE", "OVERPAYMENT", "PREPAYMENT")
    tell(books, ("Contact", contact), ("PAYMENT", payment), *zip(categories, added, strict=True))
    follow(books)
    assert set(outcomes(books)) == {TAKEN_OVER}
    assert books.open_totals() == {"GBP": Decimal("90.00")}
    assert len(books.rows(Payment)) == 1
    assert set(books.open_credits()) == set(added)


def test_what_cannot_be_followed_says_why(books: Mirrored) -> None:
    tell(
        books,
        ("SUBSCRIPTION", guid("x")),
        ("INVOICE", guid("bill")),
        ("INVOICE", "../../etc"),
        ("INVOICE", ""),
    )
    follow(books)
    assert outcomes(books) == [
        "unknown category 'SUBSCRIPTION'",
        NOT_RETURNED,
        "parked: it names no document",
        "parked: it names no document",
    ]


@pytest.mark.parametrize("happened", ["", "yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z"])
def test_a_time_that_makes_no_sense_does_not_stop_an_event(books: Mirrored, happened: str) -> None:
    credit = books.ledger.add_credit(books.ledger.add_contact("Ann"), "CN-1")
    books.ledger.tick = timedelta(0)
    books.ledger.change_contact(books.ledger.credit_book[credit].contact_id)
    tell(books, ("CREDITNOTE", credit), ("INVOICE", guid("nothing")), happened=happened or " ")
    follow(books)
    assert all(event.handled_at for event in books.events())


def test_events_of_strangers_and_of_lost_connections_are_put_away(books: Mirrored) -> None:
    tell(books, ("INVOICE", guid("x")), tenant="stranger")
    news.handle(books.app, "stranger")
    with books.app.database.write(books.organisation_id) as session:
        session.get_one(Organisation, books.organisation_id).connection = "disconnected"
    tell(books, ("INVOICE", guid("x")))
    news.handle(books.app, TENANT)
    assert outcomes(books) == [
        "not followed: no such organisation",
        "not followed: the organisation is not connected (disconnected)",
    ]
    assert news.waiting(books.app) == []


def test_a_bad_document_is_parked_after_five_tries_and_spoils_no_other(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    good, bad = (books.ledger.add_invoice(contact, name) for name in ("INV-good", "INV-bad"))

    class Picky:
        """The ledger, refusing any question in which the bad invoice is named."""

        def __getattr__(self, name: str) -> object:
            return getattr(books.ledger, name)

        def invoices(self, ids: list[str]) -> list[LedgerInvoice]:
            if bad in ids:
                raise Refused("This identifier cannot be read.")
            return books.ledger.invoices(ids)

    tell(books, ("INVOICE", good), ("INVOICE", bad))
    for _ in range(MOST_TRIES):
        news.follow(books.app, TENANT, books.organisation_id, Picky())  # type: ignore[arg-type]  # passes everything on
        hasten(books)
    assert outcomes(books) == [TAKEN_OVER, "parked: This identifier cannot be read."]
    assert books.invoice(good) is not None
    assert news.waiting(books.app) == []


@pytest.mark.parametrize("error", [RateLimited("minute", 30), Unreachable("Xero did not answer.")])
def test_an_outage_counts_against_no_event(books: Mirrored, error: LedgerError) -> None:
    invoice = books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1")
    tell(books, ("INVOICE", invoice))
    for _ in range(MOST_TRIES + 3):
        books.ledger.failures.append(error)
        with pytest.raises(type(error)) as raised:
            follow(books)
        news.put_off(books.app, TENANT, raised.value)
        assert news.waiting(books.app) == []
        hasten(books)
    follow(books)
    assert outcomes(books) == [TAKEN_OVER]


def test_only_one_worker_follows_a_tenant(books: Mirrored) -> None:
    invoice = books.ledger.add_invoice(books.ledger.add_contact("Ann"), "INV-1")
    tell(books, ("INVOICE", invoice))

    def meanwhile(_name: str) -> None:
        books.ledger.before_call = lambda _name: None
        assert news.waiting(books.app) == []
        follow(books)

    books.ledger.before_call = meanwhile
    follow(books)
    assert books.ledger.calls.count("invoices") == 1


def test_a_killed_worker_loses_no_event(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Ann")
    invoices = [books.ledger.add_invoice(contact, f"INV-{number}") for number in range(100)]
    tell(books, *[("INVOICE", invoice) for invoice in invoices])

    def die(name: str) -> None:
        if books.ledger.calls.count("invoices") == 1:
            books.ledger.before_call = lambda _name: None
            raise KeyboardInterrupt

    books.ledger.before_call = die
    with pytest.raises(KeyboardInterrupt):
        follow(books)
    follow(books)
    assert len(books.rows(Invoice)) == 100


def test_any_order_and_repetition_of_events_ends_in_the_ledgers_state(books: Mirrored) -> None:
    chance = random.Random(11)
    told: list[tuple[str, str]] = []
    for number in range(30):
        contact = books.ledger.add_contact(f"Contact {number}")
        invoice = books.ledger.add_invoice(
            contact, f"INV-{number}", Decimal(chance.randrange(100, 99_999)) / 100
        )
        told += [("CONTACT", contact), ("INVOICE", invoice)]
        if chance.random() < 0.5:
            books.ledger.pay(invoice)
            told.append(("INVOICE", invoice))
        if chance.random() < 0.3:
            told.append(("CREDITNOTE", books.ledger.add_credit(contact, f"CN-{number}")))
    told *= 3
    chance.shuffle(told)
    earliest = (books.ledger.now - timedelta(hours=1)).replace(tzinfo=None).isoformat()
    for start in range(0, len(told), 25):
        tell(books, *told[start : start + 25], happened=earliest)
        follow(books)
    assert books.open_totals() == books.ledger.open_totals()
    assert books.open_credits() == {each.id: each.remaining for each in books.ledger.open_credits()}


def test_when_webhooks_are_lost_the_polls_make_up_for_them(books: Mirrored) -> None:
    chance = random.Random(13)
    for number in range(20):
        contact = books.ledger.add_contact(f"Contact {number}")
        invoice = books.ledger.add_invoice(contact, f"INV-{number}")
        if chance.random() < 0.7:
            tell(books, ("INVOICE", invoice))
        if chance.random() < 0.5:
            books.ledger.pay(invoice)
    follow(books)
    assert books.open_totals() != books.ledger.open_totals()
    books.make_due(schedule.INVOICE_CHANGES)
    books.read_all()
    assert books.open_totals() == books.ledger.open_totals()


def test_old_events_are_forgotten_when_the_ledger_repeats_them_no_more(books: Mirrored) -> None:
    tell(books, ("INVOICE", guid("old")), ("INVOICE", guid("new")))
    follow(books)
    with books.app.database.write_across() as session:
        oldest = session.get_one(InboxEvent, books.events()[0].id)
        oldest.handled_at = datetime(2020, 1, 1, tzinfo=UTC)
    news.tidy(books.app)
    assert len(books.events()) == 1
