"""The figures by month follow the mirror, whatever changes, and are what they would be from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from credit_control.figures.books import open_at
from credit_control.figures.flows import REACHES, Flow
from kit.ids import new_id
from services.app import App
from services.figures import keeping
from store.models import Allocation, MonthlyFigure, StaleFigure
from store.queries import figures_kept
from tests.support.fake_ledger import FakeLedger
from tests.support.ledger_acts import acts, do, read
from tests.support.mirrored import Mirrored, add_organisation, make_app, mirrored


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        yield found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_after_any_changes_the_figures_are_those_from_nothing(
    app: App, acts: list[tuple[str, int, int]]
) -> None:
    books = Mirrored(app, add_organisation(app, tenant_id=new_id()), FakeLedger())
    customers = [books.ledger.add_contact(name) for name in ("Alder", "Beech", "Cedar")]
    for number, (act, which, much) in enumerate(acts):
        do(books, customers, act, which, much, number)
    read(books)
    keeping.renew(app, books.organisation_id)
    kept = _kept(books)
    with app.database.write(books.organisation_id) as session:
        everybody = {contact.id for contact in map(books.contact, customers) if contact}
        figures_kept.mark_stale(session, books.organisation_id, everybody)
    keeping.renew(app, books.organisation_id)
    assert kept == _kept(books)
    _agree_with_the_books(books)


def _kept(books: Mirrored) -> list[dict[str, Any]]:
    assert not books.rows(StaleFigure)
    return [
        {key: value for key, value in vars(row).items() if key != "_sa_instance_state"}
        for row in books.rows(MonthlyFigure)
    ]


def _agree_with_the_books(books: Mirrored) -> None:
    """Each month's end is the sum of the movements up to it."""
    rows = books.rows(MonthlyFigure)
    contact_ids = sorted({row.contact_id for row in rows})
    with books.app.database.read(books.organisation_id) as session:
        found = figures_kept.books_of(session, books.organisation_id, contact_ids)
    for (contact_id, currency), invoices in found.items():
        own = [row for row in rows if (row.contact_id, row.currency) == (contact_id, currency)]
        for row in own:
            end = (row.month.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
            before = [one for one in own if one.month <= row.month]
            assert open_at(invoices, end) == sum(one.sales - one.settled for one in before)
            for days in REACHES:
                late = [one for one in invoices if (end - one.due_on).days >= days]
                assert open_at(late, end) == sum(getattr(one, f"reach_{days}") for one in before)


def test_the_rows_have_what_the_formulas_give() -> None:
    columns = {column.name for column in MonthlyFigure.__table__.columns}
    assert {each.name for each in fields(Flow)} == columns - {
        "organisation_id",
        "contact_id",
        "currency",
        "month",
    }


def test_news_of_one_customer_leaves_the_others_alone(books: Mirrored) -> None:
    first, second = (books.ledger.add_contact(name) for name in ("Alder", "Beech"))
    one = books.ledger.add_invoice(first, "INV-1")
    books.ledger.add_invoice(second, "INV-2")
    books.import_all()
    keeping.renew(books.app, books.organisation_id)
    books.ledger.pay(one, "40.00")
    read(books)
    contact = books.contact(first)
    assert contact
    assert [row.contact_id for row in books.rows(StaleFigure)] == [contact.id]


def test_allocated_credits_are_kept_with_their_day_and_replaced(books: Mirrored) -> None:
    contact = books.ledger.add_contact("Alder")
    invoice = books.ledger.add_invoice(contact, "INV-1", "100.00", due_on=date(2026, 10, 31))
    credit = books.ledger.add_credit(contact, "CN-1", "30.00")
    books.ledger.allocate(credit, invoice, "30.00")
    books.import_all()
    row = books.rows(Allocation)[0]
    assert (row.credit_ledger_id, row.kind, row.amount) == (credit, "credit_note", Decimal("30.00"))
    books.ledger.change_invoice(invoice, allocations=(), amount_credited=Decimal(0), amount_due=Decimal(100))
    read(books)
    assert books.rows(Allocation) == []
