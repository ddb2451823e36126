"""Loading somebody's own book: as it stood on a day, and what came after as the clock gets there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from sandbox.access import Connection
from sandbox.app import create_sandbox
from sandbox.book_loader import BookError, BookRow, load_book, row_from_json, slug
from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.records import Invoice
from sandbox.world import Organisation, World

AS_OF = date(2012, 9, 3)


@pytest.fixture
def world(tmp_path: Path) -> World:
    clock = Clock(tmp_path / "clock")
    clock.set(datetime(2012, 9, 3, 8, 0, tzinfo=UTC))
    return World(clock)


def row(
    number: str = "A1", settled: date | None = None, invoiced: date = date(2012, 8, 1), **more: Any
) -> BookRow:
    fields: dict[str, Any] = {"customer": "Alder & Söhne", "amount": Decimal("120.50")} | more
    return BookRow(
        invoice_number=number,
        invoice_date=invoiced,
        due_date=invoiced + timedelta(days=30),
        settled_date=settled,
        **fields,
    )


def load(world: World, *rows: BookRow) -> Organisation:
    return world.organisations[load_book(world, rows, AS_OF, name="Ours", currency="EUR")]


def connect(world: World, org: Organisation) -> None:
    world.access.connections["c"] = Connection("c", org.tenant_id, "u", "e", world.now(), world.now())


def by_number(org: Organisation) -> dict[str, Invoice]:
    return {invoice.number: invoice for invoice in org.invoices}


def move_to(world: World, day: date) -> None:
    world.clock.set(datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC))
    world.run_due()


def test_an_unsettled_invoice_is_open_in_the_books_currency(world: World) -> None:
    org = load(world, row())
    (invoice,) = org.invoices
    assert (invoice.status, invoice.amount_due, invoice.currency) == ("AUTHORISED", Decimal("120.50"), "EUR")
    assert (invoice.date, invoice.due_date) == (date(2012, 8, 1), date(2012, 8, 31))
    assert (org.name, org.base_currency) == ("Ours", "EUR")


def test_a_customer_without_email_gets_one_that_reaches_nobody(world: World) -> None:
    org = load(world, row(), row("A2", customer="Given", email="pay@given.example", country="FR"))
    assert {contact.name: contact.email for contact in org.contacts} == {
        "Alder & Söhne": "alder-sohne@alder-sohne.example",
        "Given": "pay@given.example",
    }


def test_rows_of_one_customer_share_a_contact(world: World) -> None:
    org = load(world, row("A1"), row("A2"), row("A3", currency="USD"))
    assert (len(org.contacts), len(org.invoices)) == (1, 3)
    assert by_number(org)["A3"].currency == "USD"


@pytest.mark.parametrize("settled", [date(2012, 8, 20), AS_OF])
def test_an_invoice_settled_by_then_is_paid_on_its_day(world: World, settled: date) -> None:
    org = load(world, row(settled=settled))
    (invoice,), (payment,) = org.invoices, org.payments
    assert (invoice.status, invoice.fully_paid_on) == ("PAID", settled)
    assert (payment.date, payment.amount) == (settled, Decimal("120.50"))


def test_what_comes_later_is_not_there_yet(world: World) -> None:
    org = load(world, row("old", settled=date(2012, 9, 10)), row("new", invoiced=date(2012, 9, 5)))
    assert list(by_number(org)) == ["old"]
    assert by_number(org)["old"].status == "AUTHORISED"


def test_invoices_and_payments_arrive_when_the_clock_gets_there(world: World) -> None:
    later = row("new", invoiced=date(2012, 9, 5), settled=date(2012, 9, 20), customer="Newcomer")
    org = load(world, row("old", settled=date(2012, 9, 10)), later)
    move_to(world, date(2012, 9, 5))
    assert by_number(org)["new"].status == "AUTHORISED"
    assert by_number(org)["old"].status == "AUTHORISED"
    move_to(world, date(2012, 9, 10))
    assert by_number(org)["old"].fully_paid_on == date(2012, 9, 10)
    move_to(world, date(2012, 9, 30))
    assert by_number(org)["new"].fully_paid_on == date(2012, 9, 20)


def test_loading_raises_no_webhook_and_later_news_do(world: World) -> None:
    org = load(world, row("old", settled=date(2012, 9, 10)), row("new", invoiced=date(2012, 9, 5)))
    connect(world, org)
    assert not world.events
    move_to(world, date(2012, 9, 5))
    assert [(event.category, event.type) for event in world.events] == [("INVOICE", "CREATE")]
    move_to(world, date(2012, 9, 10))
    assert [(event.category, event.type) for event in world.events][1:] == [("INVOICE", "UPDATE")]


def test_records_look_as_if_the_book_had_been_kept_all_along(world: World) -> None:
    org = load(world, row(settled=date(2012, 8, 20)))
    (invoice,) = org.invoices
    assert invoice.updated_utc.date() == date(2012, 8, 20)
    assert [record.at.date() for record in org.history_of(invoice.id)] == [
        date(2012, 8, 1),
        date(2012, 8, 20),
    ]


def test_the_same_row_twice_is_two_invoices(world: World) -> None:
    org = load(world, row(settled=AS_OF), row(settled=AS_OF))
    assert [invoice.status for invoice in org.invoices] == ["PAID", "PAID"]


def test_a_book_of_another_day_than_the_clocks_is_refused(world: World) -> None:
    with pytest.raises(BookError, match="clock shows 2012-09-03"):
        load_book(world, [row()], date(2013, 1, 1))
    assert world.organisations == {}


def test_a_book_of_two_thousand_rows_is_loaded_whole(world: World) -> None:
    rows = [row(str(n), settled=date(2012, 8, 1) + timedelta(days=n % 60)) for n in range(2000)]
    assert len(load(world, *rows).invoices) == 2000


@given(st.text(min_size=1, max_size=80))
def test_any_name_makes_a_valid_domain_label(name: str) -> None:
    label = slug(name)
    assert 0 < len(label) <= 60
    assert label.isascii()
    assert label == label.lower()
    assert not label.startswith("-")
    assert not label.endswith("-")


GOOD = {
    "customer": "Alder",
    "invoice_number": "7",
    "invoice_date": "2012-08-01",
    "due_date": "2012-08-31",
    "amount": "10.50",
}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"customer": " "}, "customer is missing"),
        ({"invoice_number": None}, "invoice_number is missing"),
        ({"invoice_date": "01/08/2012"}, "invoice_date has to be a date"),
        ({"due_date": None}, "due_date has to be a date"),
        ({"amount": "ten"}, "amount has to be a number"),
        ({"amount": "NaN"}, "amount has to be"),
        ({"amount": "-3"}, "more than 0"),
        ({"amount": "1.005"}, "two decimals"),
        ({"currency": "euro"}, "currency has to be a code"),
        ({"settled_date": "2012-07-01"}, "lies before invoice_date"),
    ],
)
def test_a_bad_row_is_named_with_its_number_and_the_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(BookError, match=reason) as refused:
        row_from_json(12, GOOD | changes)
    assert str(refused.value).startswith("Row 12")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    app: Flask = create_sandbox(SandboxConfig(clock_file=tmp_path / "clock"))
    yield app.test_client()
    app.extensions["sandbox_webhooks"].stop()


def test_a_book_can_be_posted(client: FlaskClient) -> None:
    client.post("/sandbox/clock", json={"set": "2012-09-03T08:00:00Z"})
    rows = [GOOD, GOOD | {"invoice_number": "8", "amount": 20.1, "settled_date": "2012-08-15"}]
    answer = client.post(
        "/sandbox/book", json={"name": "Ours", "currency": "GBP", "as_of": "2012-09-03", "rows": rows}
    )
    assert answer.status_code == 201
    page = client.get(f"/ledger/{answer.get_json()['tenant_id']}").text
    assert answer.get_json()["rows"] == 2
    assert "10.50 GBP" in page
    assert "20.10" not in page


def test_a_posted_payment_arrives_after_the_clock_was_moved(client: FlaskClient) -> None:
    client.post("/sandbox/clock", json={"set": "2012-09-03T08:00:00Z"})
    rows = [GOOD | {"settled_date": "2012-09-06"}]
    tenant = client.post("/sandbox/book", json={"as_of": "2012-09-03", "rows": rows}).get_json()["tenant_id"]
    assert "10.50 GBP" in client.get(f"/ledger/{tenant}").text
    client.post("/sandbox/clock", json={"advance_days": 4})
    assert "10.50 GBP" not in client.get(f"/ledger/{tenant}").text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "A book is an object"),
        ({"rows": []}, "as_of has to be a date"),
        ({"rows": [GOOD, {}], "as_of": "2012-09-03"}, "Row 2"),
        ({"rows": [GOOD], "as_of": "2012-09-03", "currency": "pound"}, "currency has to be a code"),
        ({"rows": [GOOD], "as_of": "2012-09-03"}, "put the clock to that day"),
    ],
)
def test_a_posted_book_that_is_wrong_is_explained_and_leaves_nothing(
    client: FlaskClient, body: Any, reason: str
) -> None:
    answer = client.post("/sandbox/book", json=body)
    assert answer.status_code == 400
    assert reason in answer.get_json()["error"]
    assert "There is no ledger yet" in client.get("/").text


def test_no_two_books_share_an_id(world: World) -> None:
    first, second = load(world, row("1")), load(world, row("1"))
    assert not {one.id for one in first.invoices} & {one.id for one in second.invoices}
