"""What a chaser is written from: who writes, the text, and what was written before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import (
    Authorisation,
    Communication,
    CommunicationInvoice,
    Organisation,
    Person,
    Template,
    TemplateVersion,
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes."""

    name: str
    email: str
    signature: str | None


def sender_of(session: Session, organisation: Organisation) -> Sender | None:
    """Who writes: as set, else the person who connected the organisation; None when neither is known."""
    person = session.scalars(
        select(Person)
        .join(Authorisation, Authorisation.person_id == Person.id)
        .where(Authorisation.id == organisation.authorisation_id)
    ).one_or_none()
    email = organisation.sender_email or (person.email if person else None)
    if not email:
        return None
    name = organisation.sender_name or (
        person.name if person and not organisation.sender_email else organisation.name
    )
    return Sender(name, email, organisation.signature)


def template_of(session: Session, organisation_id: str, key: str) -> TemplateVersion | None:
    """The newest text of a key."""
    return session.scalars(
        select(TemplateVersion)
        .join(
            Template,
            (Template.organisation_id == TemplateVersion.organisation_id)
            & (Template.id == TemplateVersion.template_id),
        )
        .where(Template.organisation_id == organisation_id, Template.key == key)
        .order_by(TemplateVersion.number.desc())
        .limit(1)
    ).one_or_none()


def earlier(
    session: Session, organisation_id: str, invoice_ids: Collection[str]
) -> list[tuple[datetime, str]]:
    """When chasers about these invoices left, and their Message-IDs, oldest first."""
    about = select(CommunicationInvoice.communication_id).where(
        CommunicationInvoice.organisation_id == organisation_id,
        CommunicationInvoice.invoice_id.in_(invoice_ids),
    )
    rows = session.execute(
        select(Communication.sent_at, Communication.message_id)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id.in_(about),
            Communication.kind == "chaser",
            Communication.sent_at.is_not(None),
            Communication.message_id.is_not(None),
        )
        .order_by(Communication.sent_at)
    )
    return [(sent_at, message_id) for sent_at, message_id in rows if sent_at and message_id]
