"""Mails that colleagues wrote to customers by hand, and what these answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, literal_column, select
from sqlalchemy.orm import Session

from store.models import Communication, CommunicationInvoice, Contact, Forward, Invoice, Reply
from store.models.finding import keep_words
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


def came_before(session: Session, organisation_id: str, message_id: str, own_id: str) -> bool:
    """Whether another mail with this Message-ID came in or was written by hand; our own mails do not count.

    Whoever answers with a copy of our mail, Message-ID and all, is heard all the same.
    """
    statement = select(Communication.id).where(
        Communication.organisation_id == organisation_id,
        Communication.message_id == message_id,
        Communication.id != own_id,
        (Communication.direction == "in") | (Communication.kind == "own_mail"),
    )
    return session.scalars(statement.limit(1)).first() is not None


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
    keep_words(session.connection(), values)
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


def questions(session: Session, organisation_id: str, contact_id: str, before: datetime) -> list[str]:
    """The replies of a contact that came before then, ask or tell something, and wait for somebody."""
    statement = select(Reply.communication_id).where(
        Reply.organisation_id == organisation_id,
        Reply.contact_id == contact_id,
        Reply.created_at <= before,
        Reply.meaning.in_(("question", "needs_copy", "other")),
        literal_column("replies.state = 'waiting'"),
    )
    return list(session.scalars(statement.order_by(Reply.created_at)))
