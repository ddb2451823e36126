"""Mailboxes in which answers are looked for: which are due, how far each is read, and whose mails those are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, exists, func, or_, select, text
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    Contact,
    ContactPerson,
    Invoice,
    MailboxReading,
    Membership,
    Person,
    Sender,
)
from store.queries.batches import slices

_OPEN_INVOICE = text("invoices.status = 'AUTHORISED' AND invoices.amount_due > 0")


@dataclass(frozen=True, slots=True)
class InThread:
    """A message of ours or to us, as far as a mail's place in its conversation goes."""

    id: str
    contact_id: str
    direction: str


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    id: str
    contact_id: str
    number: str


def one(session: Session, organisation_id: str, sender_id: str) -> MailboxReading | None:
    """The reading of a sender's mailbox; None: it is switched off."""
    return session.get(MailboxReading, (organisation_id, sender_id))


def due(session: Session, now: datetime) -> list[str]:
    """Organisations with a mailbox to look into now."""
    found = _due(MailboxReading.organisation_id, now)
    return sorted(set(session.scalars(found)))


def claim(session: Session, organisation_id: str, now: datetime, until: datetime) -> MailboxReading | None:
    """The next one to look into, which is nobody else's until then."""
    row = session.scalars(
        _due(MailboxReading, now)
        .where(MailboxReading.organisation_id == organisation_id)
        .order_by(MailboxReading.next_at, MailboxReading.sender_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=MailboxReading)
    ).one_or_none()
    if row is not None:
        row.next_at = until
        session.flush()
    return row


def _due(what: Any, now: datetime) -> Select[Any]:
    """A colleague's own mailbox is looked into for as long as they are one."""
    is_member = exists().where(
        Membership.organisation_id == Sender.organisation_id, Membership.person_id == Sender.person_id
    )
    return (
        select(what)
        .join(
            Sender,
            (Sender.organisation_id == MailboxReading.organisation_id)
            & (Sender.id == MailboxReading.sender_id),
        )
        .where(MailboxReading.next_at <= now, Sender.way == "mailbox")
        .where(or_(Sender.person_id.is_(None), is_member))
    )


def troubled(session: Session) -> Sequence[MailboxReading]:
    """Those of all organisations that could not be read the last times."""
    rows = select(MailboxReading).where(MailboxReading.refused | (MailboxReading.failures >= 3))
    return session.scalars(rows.order_by(MailboxReading.organisation_id, MailboxReading.sender_id)).all()


def is_mail_expected(session: Session, organisation_id: str, since: datetime) -> bool:
    """Whether a mail left since then to which somebody may answer."""
    statement = select(Communication.id).where(
        Communication.organisation_id == organisation_id,
        Communication.handed_over_at > since,
        Communication.channel == "email",
    )
    return session.scalars(statement.limit(1)).first() is not None


def own_addresses(session: Session, organisation_id: str) -> frozenset[str]:
    """The addresses of the organisation's senders and members, in small letters."""
    senders = select(Sender.email).where(Sender.organisation_id == organisation_id)
    members = (
        select(Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id)
    )
    return frozenset(one.strip().lower() for one in (*session.scalars(senders), *session.scalars(members)))


def in_threads(session: Session, organisation_id: str, message_ids: Collection[str]) -> dict[str, InThread]:
    """The messages with these Message-IDs, by these."""
    found: dict[str, InThread] = {}
    columns = (
        Communication.id, Communication.contact_id, Communication.direction, Communication.message_id,
    )  # fmt: skip
    for ids in slices(sorted(message_ids)):
        rows = session.execute(
            select(*columns).where(
                Communication.organisation_id == organisation_id, Communication.message_id.in_(ids)
            )
        )
        for own_id, contact_id, direction, message_id in rows:
            found[message_id or ""] = InThread(own_id, contact_id, direction)
    return found


def by_tokens(session: Session, organisation_id: str, tokens: Collection[str]) -> dict[str, InThread]:
    """The mails of ours with these reply tokens, by these."""
    if not tokens:
        return {}
    statement = select(
        Communication.reply_token, Communication.id, Communication.contact_id, Communication.direction
    ).where(Communication.organisation_id == organisation_id, Communication.reply_token.in_(sorted(tokens)))
    rows = session.execute(statement)
    return {token or "": InThread(own_id, contact_id, way) for token, own_id, contact_id, way in rows}


def debtors_at(session: Session, organisation_id: str, addresses: Collection[str]) -> dict[str, set[str]]:
    """Of these addresses (in small letters) those of contacts that owe something: address to contact ids."""
    if not addresses:
        return {}
    wanted = sorted(addresses)
    owes = exists().where(
        Invoice.organisation_id == Contact.organisation_id, Invoice.contact_id == Contact.id, _OPEN_INVOICE
    )
    persons = func.lower(cast(Contact.persons, Text))
    in_ledger = or_(
        func.lower(func.trim(Contact.email)).in_(wanted),
        *(persons.contains(address, autoescape=True) for address in wanted),
    )
    entered = select(ContactPerson.contact_id).where(
        ContactPerson.organisation_id == organisation_id,
        ContactPerson.removed_at.is_(None),
        ContactPerson.email.in_(wanted),
    )
    rows = select(Contact.id).where(
        Contact.organisation_id == organisation_id, or_(in_ledger, Contact.id.in_(entered)), owes
    )
    found: dict[str, set[str]] = {}
    for contact_id in session.scalars(rows):
        for address in addresses_of(session, organisation_id, contact_id).intersection(wanted):
            found.setdefault(address, set()).add(contact_id)
    return found


def addresses_of(session: Session, organisation_id: str, contact_id: str) -> set[str]:
    """Every address under which a contact is known or has been written to or from, in small letters."""
    contact = session.get(Contact, (organisation_id, contact_id))
    if contact is None:
        return set()
    entered = session.scalars(
        select(ContactPerson.email).where(
            ContactPerson.organisation_id == organisation_id,
            ContactPerson.contact_id == contact_id,
            ContactPerson.removed_at.is_(None),
        )
    )
    mails = session.execute(
        select(Communication.direction, Communication.from_email, Communication.to, Communication.cc).where(
            Communication.organisation_id == organisation_id,
            Communication.contact_id == contact_id,
            Communication.channel == "email",
            Communication.sent_at.is_not(None),
            Communication.kind.in_(("chaser", "reply", "answer")),
        )
    )
    said: list[str | None] = []
    for direction, from_email, to, cc in mails:
        said += [from_email] if direction == "in" else [*to, *cc]
    given = [contact.email, *(one.get("email") for one in contact.persons), *entered, *said]
    return {one.strip().lower() for one in given if one}


def open_invoices(session: Session, organisation_id: str, contact_ids: Collection[str]) -> list[OpenInvoice]:
    """What these contacts owe."""
    rows = session.execute(
        select(Invoice.id, Invoice.contact_id, Invoice.number).where(
            Invoice.organisation_id == organisation_id,
            Invoice.contact_id.in_(sorted(contact_ids)),
            _OPEN_INVOICE,
        )
    )
    return [OpenInvoice(*row) for row in rows]
