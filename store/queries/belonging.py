"""What the proof asks that a mail belongs together: each question straight to the rows, past everything that wrote it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from store.models import (
    AccountLink,
    ChangedAddress,
    Contact,
    ContactPerson,
    Invoice,
    InvoicePdf,
    Quote,
    StoppedAddress,
)
from store.queries.batches import slices


@dataclass(frozen=True, slots=True)
class Addressed:
    """The customer whom a mail is for."""

    names: tuple[str, ...]
    addresses: frozenset[str]
    """In small letters: those of the ledger and those that were entered here, without those that wait for a yes, or that no
    mail goes to."""


@dataclass(frozen=True, slots=True)
class Named:
    """An invoice that a mail is about."""

    id: str
    contact_id: str
    number: str
    reference: str | None
    online_url: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """The quote that a mail confirms, with everything that it says."""

    contact_id: str
    words: tuple[str, ...]
    pdf: bytes | None


def offered(session: Session, organisation_id: str, quote_id: str) -> Offered | None:
    """The quote; None when the organisation has no such one."""
    row = (
        session.connection()
        .execute(
            select(
                Quote.contact_id,
                Quote.number,
                Quote.reference,
                Quote.title,
                Quote.terms,
                Quote.lines,
                Quote.pdf,
            ).where(Quote.organisation_id == organisation_id, Quote.id == quote_id)
        )
        .one_or_none()
    )
    if row is None:
        return None
    said = (row.number, row.reference, row.title, row.terms, *(line["description"] for line in row.lines))
    return Offered(row.contact_id, tuple(words for words in said if words), row.pdf)


def addressed(session: Session, organisation_id: str, contact_id: str) -> Addressed | None:
    """The contact with all its addresses; None when the organisation has no such contact."""
    contact = (
        session.connection()
        .execute(
            select(Contact.name, Contact.first_name, Contact.last_name, Contact.email, Contact.persons).where(
                Contact.organisation_id == organisation_id, Contact.id == contact_id
            )
        )
        .one_or_none()
    )
    if contact is None:
        return None
    entered = session.execute(
        select(ContactPerson.name, ContactPerson.email, ContactPerson.of_ledger).where(
            ContactPerson.organisation_id == organisation_id,
            ContactPerson.contact_id == contact_id,
            ContactPerson.removed_at.is_(None),
        )
    ).all()
    waiting = session.scalars(
        select(ChangedAddress.address).where(
            ChangedAddress.organisation_id == organisation_id,
            ChangedAddress.contact_id == contact_id,
            ChangedAddress.confirmed_at.is_(None),
        )
    ).all()
    stopped = session.scalars(
        select(StoppedAddress.address).where(
            StoppedAddress.organisation_id == organisation_id,
            StoppedAddress.contact_id == contact_id,
            StoppedAddress.lifted_at.is_(None),
        )
    ).all()
    given = [contact.email, *(_email(person) for person in contact.persons)]
    given += [one.email for one in entered if not one.of_ledger]
    names = (contact.name, contact.first_name, contact.last_name, *(one.name for one in entered))
    addresses = {one.strip().lower() for one in given if one}
    return Addressed(tuple(name for name in names if name), frozenset(addresses - {*waiting, *stopped}))


def _email(person: dict[str, Any]) -> str | None:
    return person.get("email")


def opens_page_of(session: Session, organisation_id: str, digest: str) -> tuple[str, str] | None:
    """Whose account page the code with this digest opens, and which message it came with; None: nobody's here."""
    row = (
        session.connection()
        .execute(
            select(AccountLink.contact_id, AccountLink.communication_id).where(
                AccountLink.organisation_id == organisation_id,
                AccountLink.digest == digest,
                AccountLink.revoked_at.is_(None),
            )
        )
        .one_or_none()
    )
    return (row.contact_id, row.communication_id) if row else None


def named(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> list[Named]:
    """Those of the invoices that the organisation has."""
    rows = session.connection().execute(
        select(Invoice.id, Invoice.contact_id, Invoice.number, Invoice.reference, Invoice.online_url).where(
            Invoice.organisation_id == organisation_id, Invoice.id.in_(invoice_ids)
        )
    )
    return [Named(*row) for row in rows]


def pdfs(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> list[bytes]:
    """The stored PDFs of these invoices."""
    return list(
        session.connection()
        .execute(
            select(InvoicePdf.content).where(
                InvoicePdf.organisation_id == organisation_id, InvoicePdf.invoice_id.in_(invoice_ids)
            )
        )
        .scalars()
    )


def numbers_of_others(
    session: Session, organisation_id: str, contact_id: str, words: Collection[str]
) -> list[str]:
    """Which of these words are numbers of other customers' invoices, and of none of this customer's."""
    own = aliased(Invoice)
    is_own = (
        select(own.id)
        .where(
            own.organisation_id == organisation_id,
            own.contact_id == contact_id,
            own.number == Invoice.number,
        )
        .exists()
    )
    found: list[str] = []
    for some in slices(sorted(words)):
        found += session.scalars(
            select(Invoice.number)
            .where(
                Invoice.organisation_id == organisation_id,
                Invoice.number.in_(some),
                Invoice.contact_id != contact_id,
                ~is_own,
            )
            .distinct()
        )
    return sorted(found)


def addresses_of_others(
    session: Session, organisation_id: str, contact_id: str, addresses: Collection[str]
) -> list[str]:
    """Which of these addresses (in small letters) the ledger has of other customers."""
    if not addresses:
        return []
    address = func.lower(func.trim(Contact.email))
    return sorted(
        session.scalars(
            select(address)
            .where(
                Contact.organisation_id == organisation_id,
                Contact.id != contact_id,
                address.in_(sorted(addresses)),
            )
            .distinct()
        )
    )
