"""Mails that colleagues wrote to customers by hand, and what these answer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from store.models import Communication, CommunicationInvoice, Contact, Forward, Invoice
from store.queries.sending import lock_organisation


def passed_on_to(session: Session, organisation_id: str, contact_id: str) -> set[str]:
    """The addresses to which answers of this contact were passed on, in small letters."""
    statement = (
        select(Forward.to)
        .join(
            Communication,
            (Communication.organisation_id == Forward.organisation_id)
            & (Communication.id == Forward.communication_id),
        )
        .where(Forward.organisation_id == organisation_id, Communication.contact_id == contact_id)
    )
    return {one.casefold() for one in session.scalars(statement)}


def lock(session: Session, organisation_id: str, contact_id: str) -> bool:
    """Lock the organisation and a contact of it; False when there is none of this id."""
    lock_organisation(session, organisation_id)
    found = select(Contact.id).where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
    return session.execute(found.with_for_update(key_share=True)).one_or_none() is not None


def message(session: Session, organisation_id: str, communication_id: str) -> Communication:
    """A message in either direction, by its id."""
    return session.get_one(Communication, (organisation_id, communication_id))


def about(organisation_id: str, contact_id: str) -> Communication:
    """Stands for no message: a mail that answers nothing, to this contact."""
    return Communication(organisation_id=organisation_id, id="", contact_id=contact_id, to=[])


def invoices_of(session: Session, organisation_id: str, communication_id: str) -> list[str]:
    """The invoices that a message is about; one that came in is about those of what it answers."""
    its = CommunicationInvoice
    return list(
        session.scalars(
            select(its.invoice_id).where(
                its.organisation_id == organisation_id, its.communication_id == communication_id
            )
        )
    )


def add(session: Session, invoice_ids: Collection[str], **values: Any) -> None:
    """Store a mail about these invoices, with what is due on them now."""
    session.connection().execute(insert(Communication), values)
    organisation_id = values["organisation_id"]
    invoices = session.execute(
        select(Invoice.id, Invoice.currency, Invoice.amount_due).where(
            Invoice.organisation_id == organisation_id, Invoice.id.in_(sorted(invoice_ids))
        )
    )
    rows = [
        {
            "organisation_id": organisation_id,
            "communication_id": values["id"],
            "invoice_id": invoice_id,
            "currency": currency,
            "amount_due": amount_due,
        }
        for invoice_id, currency, amount_due in invoices
    ]
    if rows:
        session.connection().execute(insert(CommunicationInvoice), rows)
