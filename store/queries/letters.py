"""What a chaser is written from: who writes, the text, and what was written before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from store import models
from store.among import among
from store.models import (
    Authorisation,
    Communication,
    CommunicationInvoice,
    Contact,
    Credit,
    Membership,
    Organisation,
    Person,
    Template,
    TemplateVersion,
)

_CONNECTED_BY = (
    select(Person.name, Person.email)
    .join(Authorisation, Authorisation.person_id == Person.id)
    .where(Authorisation.id == bindparam("authorisation"))
)
_OWN_SIGNATURE = (
    select(Membership.signature)
    .join(Person, Person.id == Membership.person_id)
    .where(
        Membership.organisation_id == bindparam("organisation"),
        func.lower(Person.email) == bindparam("email"),
        Membership.signature.is_not(None),
    )
    .order_by(Membership.person_id)
    .limit(1)
)
_TEXT = (
    select(
        TemplateVersion.id,
        TemplateVersion.language,
        TemplateVersion.subject,
        TemplateVersion.body,
        Template.starts_conversation,
        Template.kind,
    )
    .join(
        Template,
        (Template.organisation_id == TemplateVersion.organisation_id)
        & (Template.id == TemplateVersion.template_id),
    )
    .where(Template.organisation_id == bindparam("organisation"), Template.key == bindparam("key"))
    .order_by(
        case(
            (TemplateVersion.language == bindparam("language"), 0),
            (TemplateVersion.language == bindparam("home"), 1),
            else_=2,
        ),
        TemplateVersion.language,
        TemplateVersion.number.desc(),
    )
    .limit(1)
)
_ADDRESSEE = select(
    Contact.name, Contact.first_name, Contact.email, Contact.persons, Contact.language, Contact.country
).where(Contact.organisation_id == bindparam("organisation"), Contact.id == bindparam("contact"))
_EARLIER = (
    select(
        Communication.sent_at,
        Communication.message_id,
        Communication.subject,
        func.count(CommunicationInvoice.invoice_id),
    )
    .join(
        CommunicationInvoice,
        (CommunicationInvoice.organisation_id == Communication.organisation_id)
        & (CommunicationInvoice.communication_id == Communication.id),
    )
    .where(
        CommunicationInvoice.organisation_id == bindparam("organisation"),
        among(CommunicationInvoice.invoice_id, "invoices"),
        Communication.kind == "chaser",
        Communication.sent_at.is_not(None),
        Communication.message_id.is_not(None),
    )
    .group_by(Communication.id, Communication.sent_at, Communication.message_id, Communication.subject)
    .order_by(Communication.sent_at, Communication.id)
)
"""Built once, because every mail asks all of these."""


@dataclass(frozen=True, slots=True)
class Text:
    """A version of a text, as somebody wrote it."""

    id: str
    language: str
    subject: str
    body: str
    starts_conversation: bool
    kind: str = "email"
    """What it is for: email, sms, call, letter."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a mail goes to, by the names and addresses of the ledger."""

    name: str
    first_name: str | None
    email: str | None
    persons: list[dict[str, Any]]
    language: str | None
    """As a person set it."""
    country: str | None = None
    """ISO 3166, where the mirror knows it."""


@dataclass(frozen=True, slots=True)
class EarlierMail:
    """A chaser that has left. ``shared``: how many of the invoices asked for it was about."""

    sent_at: datetime
    message_id: str
    subject: str
    shared: int


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes."""

    name: str
    email: str
    signature: str | None
    id: str | None = None
    """None: whoever connected the ledger, while no sender was named."""
    by_mailbox: bool = False
    """It leaves through the sender's own mailbox, not through the mail provider."""


def credits_of(session: Session, organisation_id: str, contact_id: str) -> list[Credit]:
    """The contact's credit notes, overpayments and prepayments that have something left, oldest first."""
    return list(
        session.scalars(
            select(Credit)
            .where(
                Credit.organisation_id == organisation_id,
                Credit.contact_id == contact_id,
                Credit.status == "AUTHORISED",
                Credit.remaining > 0,
            )
            .order_by(Credit.issued_on, Credit.id)
        )
    )


def sender_of(
    session: Session, organisation: Organisation, chosen: models.Sender | None = None
) -> Sender | None:
    """Who writes: as chosen, else the person who connected the organisation; None when neither is known.

    What leaves from a colleague's own address carries that colleague's signature, where there is one.
    """
    found = (chosen.name, chosen.email) if chosen else _connected_by(session, organisation)
    if found is None:
        return None
    name, email = found
    return Sender(
        name,
        email,
        (chosen.signature if chosen else None)
        or _own_signature(session, organisation.id, email)
        or organisation.signature,
        chosen.id if chosen else None,
        bool(chosen and chosen.way == "mailbox"),
    )


def _connected_by(session: Session, organisation: Organisation) -> tuple[str, str] | None:
    """Name and address."""
    asked = {"authorisation": organisation.authorisation_id}
    person = session.connection().execute(_CONNECTED_BY, asked).one_or_none()
    return (person.name or organisation.name, person.email) if person and person.email else None


def _own_signature(session: Session, organisation_id: str, email: str) -> str | None:
    asked = {"organisation": organisation_id, "email": email.lower()}
    return session.connection().execute(_OWN_SIGNATURE, asked).scalar_one_or_none()


def template_of(session: Session, organisation_id: str, key: str, language: str, home: str) -> Text | None:
    """The newest text of a key in a language; else in the organisation's own, else in any."""
    asked = {"organisation": organisation_id, "key": key, "language": language, "home": home}
    row = session.connection().execute(_TEXT, asked).one_or_none()
    return Text(*row) if row else None


def addressee(session: Session, organisation_id: str, contact_id: str) -> Addressee:
    """The contact as a letter needs it."""
    names = {"organisation": organisation_id, "contact": contact_id}
    return Addressee(*session.connection().execute(_ADDRESSEE, names).one())


def earlier(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> list[EarlierMail]:
    """The chasers about any of these invoices that have left, oldest first."""
    rows = session.connection().execute(
        _EARLIER, {"organisation": organisation_id, "invoices": list(invoice_ids)}
    )
    return [
        EarlierMail(sent_at, message_id, subject or "", shared)
        for sent_at, message_id, subject, shared in rows
        if sent_at and message_id
    ]
