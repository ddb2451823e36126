"""Settled invoices and their payments, put into the mirror as the ledger would bring them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kit import clock
from kit.ids import new_id
from services.app import App
from store.ids import document_id
from store.models import Contact, Invoice, Payment


def add_contact(app: App, organisation_id: str, name: str) -> str:
    """A customer without anything; its id."""
    ledger_id = new_id()
    contact = Contact(
        organisation_id=organisation_id,
        id=document_id(organisation_id, ledger_id),
        ledger_id=ledger_id,
        name=name,
        persons=[],
        status="ACTIVE",
        updated_at=clock.now(),
        fingerprint="-",
    )
    with app.database.write(organisation_id) as session:
        session.add(contact)
    return contact.id


def add_invoice(
    app: App,
    organisation_id: str,
    contact_id: str,
    due_on: date,
    settled_on: date | None = None,
    amount: str = "100.00",
    currency: str = "GBP",
) -> str:
    """An invoice on terms of thirty days, paid in one payment if it is settled; its id."""
    total, now, ledger_id = Decimal(amount), clock.now(), new_id()
    invoice = Invoice(
        organisation_id=organisation_id,
        id=document_id(organisation_id, ledger_id),
        ledger_id=ledger_id,
        contact_id=contact_id,
        number=f"P-{ledger_id[:6]}",
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        currency=currency,
        total=total,
        amount_due=Decimal(0) if settled_on else total,
        amount_paid=total if settled_on else Decimal(0),
        amount_credited=Decimal(0),
        status="PAID" if settled_on else "AUTHORISED",
        fully_paid_on=settled_on,
        updated_at=now,
        fingerprint="-",
    )
    with app.database.write(organisation_id) as session:
        session.add(invoice)
        if settled_on:
            payment = new_id()
            session.add(
                Payment(
                    organisation_id=organisation_id,
                    id=document_id(organisation_id, payment),
                    ledger_id=payment,
                    kind="ACCRECPAYMENT",
                    invoice_id=invoice.id,
                    contact_id=contact_id,
                    paid_on=settled_on,
                    currency=currency,
                    amount=total,
                    status="AUTHORISED",
                    is_reconciled=True,
                    updated_at=now,
                    fingerprint="-",
                )
            )
    return invoice.id


def pays(app: App, organisation_id: str, contact_id: str, late: int, times: int = 6) -> None:
    """A customer who has paid so many invoices so many days late, one every twenty days until five days ago."""
    for number in range(times):
        settled_on = clock.now().date() - timedelta(days=5 + 20 * number)
        add_invoice(app, organisation_id, contact_id, settled_on - timedelta(days=late), settled_on)
