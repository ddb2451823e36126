"""Whose mail it could be: customers by an address, by its domain, by the numbers of invoices that are named."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Text, cast, func, or_, select
from sqlalchemy.orm import Session

from store.models import Communication, Contact, ContactPerson, Invoice, Sender
from store.queries import merging

_MOST = 50


class Candidate(NamedTuple):
    """A customer whom a mail could be from."""

    organisation_id: str
    contact_id: str
    name: str


_COLUMNS = (Contact.organisation_id, Contact.id, Contact.name)
_ACTIVE = Contact.status == "ACTIVE"
_IS_SOMEBODY = or_(_ACTIVE, Contact.merged_into.is_not(None))
"""Addresses of a customer that was merged are those of the customer into which it was."""


def contact_of(session: Session, organisation_id: str, communication_id: str) -> str:
    """The contact of one of our mails; of one that was merged in the ledger since, who it is now."""
    contact_id = session.scalars(
        select(Communication.contact_id).where(
            Communication.organisation_id == organisation_id, Communication.id == communication_id
        )
    ).one()
    return merging.who_now(session, organisation_id, contact_id)


def organisations_at(session: Session, addresses: Collection[str]) -> set[str]:
    """The organisations one of whose senders has one of these addresses (in small letters)."""
    statement = select(Sender.organisation_id).where(func.lower(Sender.email).in_(sorted(addresses)))
    return set(session.scalars(statement.distinct()))


def writes_for(session: Session, organisation_ids: Collection[str], address: str) -> bool:
    """Whether the address is that of a sender of one of these organisations."""
    statement = select(Sender.id).where(
        Sender.organisation_id.in_(sorted(organisation_ids)), func.lower(Sender.email) == address
    )
    return session.scalars(statement.limit(1)).first() is not None


def contacts_at(session: Session, address: str) -> set[Candidate]:
    """The customers who have this address (in small letters), by the ledger or as entered here."""
    found = {
        Candidate(*row)
        for row in session.execute(
            select(*_COLUMNS).where(_IS_SOMEBODY, func.lower(Contact.email) == address)
        )
    }
    entered = select(*_COLUMNS).join(
        ContactPerson,
        (ContactPerson.organisation_id == Contact.organisation_id) & (ContactPerson.contact_id == Contact.id),
    )
    there = entered.where(_IS_SOMEBODY, ContactPerson.email == address, ContactPerson.removed_at.is_(None))
    found |= {Candidate(*row) for row in session.execute(there)}
    likely = func.lower(cast(Contact.persons, Text)).contains(f'"{address}"', autoescape=True)
    for *candidate, persons in session.execute(
        select(*_COLUMNS, Contact.persons).where(_IS_SOMEBODY, likely)
    ):
        if any(str(one.get("email") or "").strip().lower() == address for one in persons):
            found.add(Candidate(*candidate))
    return {now for one in found if (now := _now(session, one))}


def _now(session: Session, found: Candidate) -> Candidate | None:
    """The customer itself, or who it is since the ledger has merged it; None: nobody who is written to."""
    into = merging.survivor(session, found.organisation_id, found.contact_id)
    if into is not None:
        return Candidate(into.organisation_id, into.id, into.name) if into.status == "ACTIVE" else None
    one = session.get_one(Contact, (found.organisation_id, found.contact_id))
    return found if one.status == "ACTIVE" else None


def contacts_at_domain(session: Session, domain: str) -> set[Candidate]:
    """The customers whose address in the ledger is at this domain (in small letters); of very many the first."""
    at = func.lower(Contact.email).endswith(f"@{domain}", autoescape=True)
    rows = session.execute(select(*_COLUMNS).where(_ACTIVE, at).order_by(*_COLUMNS).limit(_MOST))
    return {Candidate(*row) for row in rows}


def with_numbers(
    session: Session, organisation_id: str, words: Collection[str], contact_ids: Collection[str] | None = None
) -> list[tuple[str, str, str, str]]:
    """The invoices with one of these numbers: contact, its name, the invoice's id and number."""
    statement = (
        select(Invoice.contact_id, Contact.name, Invoice.id, Invoice.number)
        .join(
            Contact,
            (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id),
        )
        .where(Invoice.organisation_id == organisation_id, Invoice.number.in_(sorted(words)))
        .order_by(Invoice.number, Invoice.id)
        .limit(_MOST)
    )
    if contact_ids is not None:
        statement = statement.where(Invoice.contact_id.in_(sorted(contact_ids)))
    return [(whose, name, one, number) for whose, name, one, number in session.execute(statement)]
