"""To which address an invoice went, as far as it can be known."""

from __future__ import annotations

from datetime import date

from services import people
from services.sent_to import SentTo, sent_to
from store.models import Contact, Invoice
from tests.support.chasing import Chasing


def asked(org: Chasing, invoice: str, customer: str) -> SentTo:
    with org.app.database.read(org.organisation_id) as session:
        row = session.get_one(Invoice, (org.organisation_id, org.id_of(invoice)))
        contact = session.get_one(Contact, (org.organisation_id, org.id_of(customer)))
        return sent_to(session, row, contact, "Europe/London")


def test_an_invoice_keeps_the_address_of_the_day_on_which_it_was_issued(org: Chasing) -> None:
    """The customer moves from the first to the second address on the 18th, and to the third on the 20th."""
    customer = org.customer(email="First@books.example")
    old = org.invoice(customer, "INV-1", 3, sent=True)
    org.mirror()
    assert asked(org, old, customer) == SentTo(True, "first@books.example")
    for email in ("second@books.example", "third@books.example"):
        org.shift(days=2)
        org.ledger.change_contact(customer, email=email)
        org.mirror()
        with org.app.database.write(org.organisation_id) as session:
            assert people.confirm_address(
                session, org.organisation_id, org.id_of(customer), email, "Anna Hale"
            )
    between = org.invoice(customer, "INV-2", -30, issued_on=date(2026, 11, 19))
    new = org.invoice(customer, "INV-3", -30, sent=False, issued_on=date(2026, 11, 21))
    org.mirror()
    assert asked(org, old, customer).address == "first@books.example"
    assert (asked(org, between, customer).sent, asked(org, between, customer).address) == (
        None,
        "second@books.example",
    )
    assert asked(org, new, customer) == SentTo(False, "third@books.example")
    org.ledger.change_contact(customer, email=None)
    org.mirror()
    assert asked(org, new, customer).address is None
