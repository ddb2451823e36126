"""Xero's arithmetic holds whatever people do to an invoice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.ledger import (
    LedgerError,
    add_contact,
    add_credit_note,
    add_invoice,
    add_note,
    add_organisation,
    allocate,
    delete_payment,
    pay_invoice,
    void_invoice,
)
from sandbox.records import Contact, Invoice
from sandbox.world import Collection, Organisation, World

DAY = date(2026, 11, 1)
AMOUNTS = st.decimals("0.01", "200.00", places=2)
ACTIONS = st.lists(st.tuples(st.sampled_from(["pay", "credit", "unpay", "void"]), AMOUNTS), max_size=12)


def a_ledger() -> tuple[World, Organisation, Contact]:
    world = World(Clock())
    org = add_organisation(world, name="Hedgerow Joinery Ltd")
    return world, org, add_contact(world, org, name="Alder & Sons")


def an_invoice(world: World, org: Organisation, contact: Contact, total: Decimal) -> Invoice:
    return add_invoice(world, org, contact, number="INV-1", date=DAY, due_date=DAY, total=total)


@given(AMOUNTS, ACTIONS)
def test_what_is_due_is_always_the_total_less_payments_and_credits(
    total: Decimal, actions: list[tuple[str, Decimal]]
) -> None:
    world, org, contact = a_ledger()
    invoice = an_invoice(world, org, contact, total)
    for action, amount in actions:
        act(world, org, contact, invoice, action, amount)
        paid = sum(p.amount for p in org.payments if p.status == "AUTHORISED")
        credited = sum(a.amount for a in invoice.allocations)
        if invoice.status == "VOIDED":
            assert invoice.amount_due == 0
        else:
            assert invoice.amount_due == total - paid - credited >= 0
            assert (invoice.status == "PAID") == (invoice.amount_due == 0)
            assert (invoice.fully_paid_on is not None) == (invoice.status == "PAID")


def act(
    world: World, org: Organisation, contact: Contact, invoice: Invoice, action: str, amount: Decimal
) -> None:
    """Do it if the ledger lets us."""
    try:
        if action == "pay":
            pay_invoice(world, org, invoice, amount=amount)
        elif action == "credit":
            credit = add_credit_note(world, org, contact, number="CN", date=DAY, total=amount)
            allocate(world, org, credit, invoice)
        elif action == "void":
            void_invoice(world, org, invoice)
        elif payments := [p for p in org.payments if p.status == "AUTHORISED"]:
            delete_payment(world, org, payments[-1])
    except LedgerError:
        return


@pytest.mark.parametrize("amount", ["0", "-1", "120.01"])
def test_nobody_can_pay_nothing_or_more_than_is_due(amount: str) -> None:
    world, org, contact = a_ledger()
    invoice = an_invoice(world, org, contact, Decimal("120.00"))
    with pytest.raises(LedgerError, match=r"at most the 120\.00 GBP due"):
        pay_invoice(world, org, invoice, amount=Decimal(amount))


def test_a_credit_cannot_settle_a_strangers_or_foreign_invoice() -> None:
    world, org, contact = a_ledger()
    invoice = an_invoice(world, org, contact, Decimal("120.00"))
    stranger = add_contact(world, org, name="Birch AG")
    for owner, currency in ((stranger, "GBP"), (contact, "EUR")):
        credit = add_credit_note(
            world, org, owner, number="CN", date=DAY, total=Decimal("9.00"), currency=currency
        )
        with pytest.raises(LedgerError, match="same contact and currency"):
            allocate(world, org, credit, invoice)


def test_a_part_paid_invoice_cannot_be_voided() -> None:
    world, org, contact = a_ledger()
    invoice = an_invoice(world, org, contact, Decimal("120.00"))
    pay_invoice(world, org, invoice, amount=Decimal("1.00"))
    with pytest.raises(LedgerError, match="can be voided"):
        void_invoice(world, org, invoice)


def test_a_note_that_is_too_long_says_how_long_it_may_be() -> None:
    world, org, contact = a_ledger()
    with pytest.raises(LedgerError, match="2501 characters; the ledger keeps at most 2500"):
        add_note(world, org, contact.id, "x" * 2501)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50))))
def test_records_are_always_walked_by_last_change(puts: list[tuple[int, int]]) -> None:
    collection: Collection[Contact] = Collection()
    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    for name, when in puts:
        record = collection.get(str(name)) or Contact(str(name), "x", epoch)
        record.updated_utc = epoch + timedelta(minutes=when)
        collection.put(record)
    walked = [(r.updated_utc, r.id) for r in collection]
    assert walked == sorted(walked)
    assert len(walked) == len(collection) == len({name for name, _ in puts})


def test_what_is_scheduled_happens_in_order_once_the_clock_is_there() -> None:
    world = World(Clock())
    happened: list[str] = []
    now = world.clock.now()
    world.schedule(now - timedelta(minutes=1), lambda: happened.append("second"))
    world.schedule(now - timedelta(minutes=2), lambda: happened.append("first"))
    world.schedule(now + timedelta(days=1), lambda: happened.append("tomorrow"))
    assert world.run_due() == 2
    assert happened == ["first", "second"]
    assert world.run_due() == 0
