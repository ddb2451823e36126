"""The made-up companies: plausible, the same every time, and alive when the clock moves."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.company import make_company
from sandbox.ledger import pay_invoice
from sandbox.records import Contact, Invoice
from sandbox.world import Organisation, World

NOW = datetime(2026, 9, 3, 8, 0, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> World:
    clock = Clock(tmp_path / "clock")
    clock.set(NOW)
    return World(clock)


@pytest.fixture
def joinery(world: World) -> Organisation:
    return world.organisations[make_company(world, world.now())]


class StandingClock(Clock):
    """A clock for one moment."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def sales(org: Organisation) -> list[Invoice]:
    return [invoice for invoice in org.invoices if invoice.type == "ACCREC"]


def open_sales(org: Organisation) -> list[Invoice]:
    return [invoice for invoice in sales(org) if invoice.status == "AUTHORISED"]


def named(org: Organisation, name: str) -> Contact:
    return next(contact for contact in org.contacts if contact.name == name)


@settings(max_examples=12, deadline=None)
@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_on_any_day_the_book_looks_like_a_working_year(moment: datetime) -> None:
    world = World(StandingClock(moment))
    org = world.organisations[make_company(world, moment)]
    open_now, today = open_sales(org), moment.date()
    overdue = [(today - invoice.due_date).days for invoice in open_now if invoice.due_date < today]
    assert 600 <= len(sales(org)) <= 750
    assert 60 <= len(open_now) <= 105
    assert 25 <= len(overdue) <= 60
    assert max(overdue) <= 110
    assert sum(days <= 40 for days in overdue) > len(overdue) / 2
    assert all(invoice.date <= today for invoice in sales(org))


def test_customers_have_accepted_one_quote_and_accept_more_tomorrow(
    world: World, joinery: Organisation
) -> None:
    def accepted() -> list[str]:
        return sorted(quote.number for quote in joinery.quotes if quote.status == "ACCEPTED")

    assert accepted() == ["QU-0041"]
    world.clock.advance(timedelta(days=1, hours=3))
    world.run_due()
    assert accepted() == ["QU-0041", "QU-0042", "QU-0043"]


def test_the_sums_of_every_invoice_agree(joinery: Organisation) -> None:
    for invoice in joinery.invoices:
        paid = [p for i in invoice.payment_ids if (p := joinery.payments.get(i)) and p.status == "AUTHORISED"]
        assert invoice.amount_paid == sum((payment.amount for payment in paid), Decimal(0))
        assert invoice.amount_credited == sum((a.amount for a in invoice.allocations), Decimal(0))
        assert invoice.amount_due >= 0
        assert (invoice.status == "PAID") == (invoice.fully_paid_on is not None)
        assert all(line.amount > 0 for line in invoice.lines)


def test_the_same_day_gives_the_same_book(joinery: Organisation, tmp_path: Path) -> None:
    clock = Clock(tmp_path / "other")
    clock.set(NOW)
    other = World(clock)
    again = other.organisations[make_company(other, other.now())]

    def written(org: Organisation) -> list[tuple[str, str, Decimal, Decimal, date]]:
        return sorted((i.id, i.number, i.total, i.amount_due, i.due_date) for i in org.invoices)

    assert written(again) == written(joinery)


def test_the_awkward_cases_are_there(joinery: Organisation) -> None:
    statuses = Counter(invoice.status for invoice in sales(joinery))
    assert (statuses["DRAFT"], statuses["VOIDED"]) == (1, 1)
    assert {invoice.currency for invoice in open_sales(joinery)} == {"GBP", "EUR", "USD"}
    assert any(invoice.amount_paid for invoice in open_sales(joinery))
    assert min(invoice.amount_due for invoice in open_sales(joinery)) == Decimal("0.43")
    assert any(contact.email == "" for contact in joinery.contacts)
    assert any(contact.persons for contact in joinery.contacts)
    assert named(joinery, "Cobweb Corner Antiques").status == "ARCHIVED"
    assert [i.type for i in joinery.invoices.of_contact(named(joinery, "Sparrowhawk Timber").id)] == [
        "ACCPAY"
    ] * 2
    assert len([credit for credit in joinery.overpayments if credit.remaining]) == 2
    assert len([credit for credit in joinery.prepayments if credit.remaining]) == 1
    assert any(credit.remaining for credit in joinery.credit_notes)
    assert any(not credit.remaining for credit in joinery.credit_notes)


def test_no_address_can_reach_a_real_person(world: World, joinery: Organisation) -> None:
    addresses = [
        address
        for org in world.organisations.values()
        for contact in org.contacts
        for address in (contact.email, *(person.email for person in contact.persons))
    ]
    assert all(address == "" or address.endswith(".example") for address in addresses)
    assert len(set(filter(None, addresses))) == len(list(filter(None, addresses)))


def test_records_were_changed_when_it_happened_and_not_when_the_sandbox_started(
    world: World, joinery: Organisation
) -> None:
    oldest = min(invoice.updated_utc for invoice in joinery.invoices)
    assert oldest < NOW - timedelta(days=300)
    assert max(invoice.updated_utc for invoice in joinery.invoices) <= world.now()
    paid = next(invoice for invoice in joinery.invoices if invoice.status == "PAID")
    assert [record.changes for record in joinery.history_of(paid.id)][:1] == ["Created"]


def test_customers_go_on_paying_and_buying_as_the_clock_moves(world: World, joinery: Organisation) -> None:
    due_then = {invoice.id for invoice in open_sales(joinery)}
    numbers_then = len(joinery.invoices)
    payments_then = len(joinery.payments)
    world.clock.advance(timedelta(days=14))
    assert world.run_due() > 0
    paid_since = [i for i in sales(joinery) if i.id in due_then and i.status == "PAID"]
    assert len(paid_since) >= 10
    assert len(joinery.payments) > payments_then
    assert len(joinery.invoices) > numbers_then
    assert max(invoice.date for invoice in sales(joinery)) <= world.now().date()


def test_a_payment_still_comes_right_when_somebody_paid_meanwhile(
    world: World, joinery: Organisation
) -> None:
    for invoice in open_sales(joinery):
        pay_invoice(world, joinery, invoice)
    world.clock.advance(timedelta(days=70))
    world.run_due()
    assert all(invoice.amount_due >= 0 for invoice in joinery.invoices)


def test_one_person_owns_both_companies(world: World, joinery: Organisation) -> None:
    (owner,) = world.access.users.values()
    assert sorted(owner.tenant_ids) == sorted(world.organisations)
    assert [org.name for org in world.organisations.values()] == ["Hedgerow Joinery Ltd", "Tern Lane Bakery"]


def test_the_companies_are_made_once(world: World, joinery: Organisation) -> None:
    with pytest.raises(ValueError, match="already"):
        make_company(world, world.now())
