"""What the look at customers' addresses asks: a handful of statements, however many customers there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import BigInteger, func, select, type_coerce
from sqlalchemy.orm import Session

from store.models import ChangedAddress, Contact, Hold, Invoice, MailEvent
from store.queries.pages import OPEN_INVOICE
from store.types import money

_REACHED_NOBODY = ("bounce", "dropped", "spamreport", "unsubscribe", "group_unsubscribe")


class Owing(NamedTuple):
    """A customer with money due: its own address (in small letters), and what is due by currency."""

    id: str
    email: str
    due: list[tuple[str, Decimal]]


class Bounce(NamedTuple):
    """A hold because mail came back."""

    contact_id: str
    reason: str
    communication_id: str | None
    created_at: datetime


def owing(session: Session, organisation_id: str) -> dict[str, Owing]:
    """Everybody who owes something, by id."""
    rows = session.connection().execute(
        select(
            Invoice.contact_id,
            Invoice.currency,
            type_coerce(func.sum(Invoice.amount_due), BigInteger),
        )
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
        .group_by(Invoice.contact_id, Invoice.currency)
        .order_by(Invoice.contact_id, Invoice.currency)
    )
    due: dict[str, list[tuple[str, Decimal]]] = {}
    for contact_id, currency, amount in rows:
        due.setdefault(contact_id, []).append((currency, money(int(amount))))
    emails = session.connection().execute(
        select(Contact.id, Contact.email).where(Contact.organisation_id == organisation_id)
    )
    return {
        contact_id: Owing(contact_id, (email or "").strip().lower(), due[contact_id])
        for contact_id, email in emails
        if contact_id in due
    }


def shared_addresses(session: Session, organisation_id: str) -> set[str]:
    """Addresses (in small letters) that several active customers have."""
    address = func.lower(func.trim(Contact.email))
    return set(
        session.scalars(
            select(address)
            .where(
                Contact.organisation_id == organisation_id, Contact.status == "ACTIVE", Contact.email != ""
            )
            .group_by(address)
            .having(func.count() > 1)
        )
    )


def sharers(
    session: Session, organisation_id: str, addresses: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """(id, name) of the active customers with each of these addresses."""
    address = func.lower(func.trim(Contact.email))
    found: dict[str, list[tuple[str, str]]] = {}
    if addresses:
        rows = session.execute(
            select(address, Contact.id, Contact.name)
            .where(
                Contact.organisation_id == organisation_id,
                Contact.status == "ACTIVE",
                address.in_(sorted(addresses)),
            )
            .order_by(Contact.name, Contact.id)
        )
        for shared, contact_id, name in rows:
            found.setdefault(shared, []).append((contact_id, name))
    return found


def bounces(session: Session, organisation_id: str, today: date) -> dict[str, Bounce]:
    """The newest hold in force because mail came back, by contact."""
    rows = session.execute(
        select(Hold.contact_id, Hold.reason, Hold.communication_id, Hold.created_at)
        .where(
            Hold.organisation_id == organisation_id,
            Hold.kind == "bounce",
            Hold.released_at.is_(None),
            Hold.until.is_(None) | (Hold.until >= today),
        )
        .order_by(Hold.created_at, Hold.id)
    )
    return {row.contact_id: Bounce(*row) for row in rows}


def reached_nobody(session: Session, chaser_ids: Collection[str]) -> set[str]:
    """The digests of addresses at which these chasers reached nobody, or nobody who wants them.

    A digest is of the organisation too, so that no other one’s address is taken for it.
    """
    if not chaser_ids:
        return set()
    found = session.scalars(
        select(MailEvent.recipient).where(
            MailEvent.communication_id.in_(sorted(chaser_ids)),
            MailEvent.event.in_(_REACHED_NOBODY),
        )
    )
    return {digest for digest in found if digest}


def lately_changed(
    session: Session, organisation_id: str, since: datetime
) -> dict[str, list[ChangedAddress]]:
    """By contact, the addresses that wait for a yes, and those that came lately."""
    found: dict[str, list[ChangedAddress]] = {}
    rows = session.scalars(
        select(ChangedAddress)
        .where(
            ChangedAddress.organisation_id == organisation_id,
            ChangedAddress.confirmed_at.is_(None) | (ChangedAddress.noticed_at >= since),
        )
        .order_by(ChangedAddress.noticed_at, ChangedAddress.address)
    )
    for row in rows:
        found.setdefault(row.contact_id, []).append(row)
    return found


def contacts(session: Session, organisation_id: str, ids: Sequence[str]) -> list[Contact]:
    """These contacts, by name."""
    return list(
        session.scalars(
            select(Contact)
            .where(Contact.organisation_id == organisation_id, Contact.id.in_(ids))
            .order_by(Contact.name, Contact.id)
        )
    )
