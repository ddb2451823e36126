"""Real customers and invoices to show a text with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Contact, Invoice
from store.queries.pages import OPEN_INVOICE


def open_invoice(session: Session, organisation_id: str, number: str) -> Invoice | None:
    """The open invoice of this number."""
    statement = select(Invoice).where(
        Invoice.organisation_id == organisation_id, Invoice.number == number, OPEN_INVOICE
    )
    return session.scalars(statement.order_by(Invoice.id).limit(1)).one_or_none()


def owing_contact(session: Session, organisation_id: str, name: str) -> Contact | None:
    """Whoever owes something and has this in its name; of several the one whose debt is oldest."""
    statement = (
        select(Contact)
        .join(
            Invoice,
            (Invoice.organisation_id == Contact.organisation_id) & (Invoice.contact_id == Contact.id),
        )
        .where(Contact.organisation_id == organisation_id, OPEN_INVOICE)
        .order_by(Invoice.due_on, Invoice.id)
        .limit(1)
    )
    if name:
        statement = statement.where(Contact.name.icontains(name, autoescape=True))
    return session.scalars(statement).one_or_none()


def suggestions(session: Session, organisation_id: str, limit: int = 30) -> Sequence[str]:
    """Names of customers who owe something, by name."""
    owes = select(Invoice.contact_id).where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
    statement = select(Contact.name).where(Contact.organisation_id == organisation_id, Contact.id.in_(owes))
    return session.scalars(statement.order_by(Contact.name, Contact.id).limit(limit)).all()
