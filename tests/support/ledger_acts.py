"""Ledgers in which anything happens: invoices, payments, credits, and all of them taken back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from services.figures import keeping
from services.mirror.write import store_contacts, store_invoices, store_payments
from tests.support.mirrored import Mirrored

acts = st.lists(
    st.tuples(
        st.sampled_from(["issue", "pay", "pay", "credit", "unpay", "void", "move", "read"]),
        st.integers(0, 30),
        st.integers(1, 90),
    ),
    min_size=1,
    max_size=25,
)


def do(books: Mirrored, customers: list[str], act: str, which: int, much: int, number: int) -> None:
    """Something that happens in the ledger; what cannot happen just now does not."""
    ledger = books.ledger
    ledger.now += timedelta(days=which)
    if act == "issue":
        issued = ledger.now.date() - timedelta(much)
        currency = "EUR" if which % 5 == 0 else "GBP"
        ledger.add_invoice(
            customers[which % 3], f"INV-{number}", str(much), currency=currency, issued_on=issued,
            due_on=issued + timedelta(which),
        )  # fmt: skip
    open_ones = [one for one in ledger.invoice_book.values() if one.status == "AUTHORISED"]
    if act in ("pay", "credit", "void", "move") and open_ones:
        one = open_ones[which % len(open_ones)]
        amount = min(one.amount_due, Decimal(much))
        match act:
            case "pay":
                ledger.pay(one.id, amount)
            case "credit":
                ledger.allocate(ledger.add_credit(one.contact_id, f"C-{number}", amount), one.id, amount)
            case "void" if one.amount_due == one.total:
                ledger.void(one.id)
            case "move":
                contact = customers[much % 3]
                ledger.change_invoice(one.id, contact_id=contact, due_on=one.due_on + timedelta(which))
    payments = [one for one in ledger.payment_book.values() if one.status != "DELETED"]
    if act == "unpay" and payments:
        ledger.delete_payment(payments[which % len(payments)].id)
    if act == "read":
        read(books)
        keeping.renew(books.app, books.organisation_id)


def read(books: Mirrored) -> None:
    """Everything that the ledger has, as its pages would bring it."""
    ledger, owner, now = books.ledger, books.organisation_id, books.ledger.now
    with books.app.database.write(owner) as session:
        store_contacts(session, owner, list(ledger.contact_book.values()), now)
        store_invoices(session, owner, list(ledger.invoice_book.values()), now)
        store_payments(session, owner, list(ledger.payment_book.values()), now)
