"""Addresses of customers that no mail goes to, and the reports that lead there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from store.models import Contact, ContactPerson, MailEvent, StoppedAddress
from store.queries.batches import slices
from store.queries.upsert import insert_new


def in_force(session: Session, organisation_id: str, contact_id: str, address: str) -> StoppedAddress | None:
    """That no mail goes to this address of a contact."""
    return session.scalars(
        select(StoppedAddress).where(
            StoppedAddress.organisation_id == organisation_id,
            StoppedAddress.contact_id == contact_id,
            StoppedAddress.address == address,
            StoppedAddress.lifted_at.is_(None),
        )
    ).one_or_none()


def of_contact(session: Session, organisation_id: str, contact_id: str) -> Sequence[StoppedAddress]:
    """The addresses of a contact that no mail goes to now, the oldest first."""
    return session.scalars(
        select(StoppedAddress)
        .where(
            StoppedAddress.organisation_id == organisation_id,
            StoppedAddress.contact_id == contact_id,
            StoppedAddress.lifted_at.is_(None),
        )
        .order_by(StoppedAddress.since, StoppedAddress.id)
    ).all()


def by_contact(session: Session, organisation_id: str) -> dict[str, list[StoppedAddress]]:
    """The addresses of an organisation's customers that no mail goes to now, by contact."""
    found: dict[str, list[StoppedAddress]] = {}
    rows = session.scalars(
        select(StoppedAddress)
        .where(StoppedAddress.organisation_id == organisation_id, StoppedAddress.lifted_at.is_(None))
        .order_by(StoppedAddress.since, StoppedAddress.id)
    )
    for row in rows:
        found.setdefault(row.contact_id, []).append(row)
    return found


def at_addresses(
    session: Session, organisation_id: str, addresses: Collection[str]
) -> dict[str, list[StoppedAddress]]:
    """What was ever stopped at these addresses (in small letters), by address, the oldest first; lifted or not."""
    found: dict[str, list[StoppedAddress]] = {}
    for some in slices(sorted(addresses)):
        rows = session.scalars(
            select(StoppedAddress)
            .where(StoppedAddress.organisation_id == organisation_id, StoppedAddress.address.in_(some))
            .order_by(StoppedAddress.since, StoppedAddress.id)
        )
        for row in rows:
            found.setdefault(row.address, []).append(row)
    return found


def add(session: Session, **values: Any) -> bool:
    """Stop an address; False when it is stopped, or this very report has stopped it before, even if it was lifted since."""
    statement = insert_new(session, StoppedAddress).values(values).returning(StoppedAddress.id)
    return session.connection().execute(statement).first() is not None


def contacts_at(session: Session, organisation_id: str, address: str) -> set[str]:
    """The contacts of an organisation that have this address (in small letters), by the ledger or as entered here."""
    ours = Contact.organisation_id == organisation_id
    found = set(
        session.scalars(select(Contact.id).where(ours, func.lower(func.trim(Contact.email)) == address))
    )
    found |= set(
        session.scalars(
            select(ContactPerson.contact_id).where(
                ContactPerson.organisation_id == organisation_id,
                ContactPerson.email == address,
                ContactPerson.removed_at.is_(None),
            )
        )
    )
    likely = func.lower(cast(Contact.persons, Text)).contains(address, autoescape=True)
    for contact_id, persons in session.execute(select(Contact.id, Contact.persons).where(ours, likely)):
        if any(str(one.get("email") or "").strip().lower() == address for one in persons):
            found.add(contact_id)
    return found


def turned_away(
    session: Session,
    organisation_id: str,
    recipient: str,
    address: str,
    contact_ids: Collection[str],
    since: datetime,
) -> int:
    """How many mails came back from there since the last that was delivered, or the last time that it was lifted.

    ``recipient`` is the digest of the address; nothing from before ``since`` counts.
    """
    delivered = select(func.max(MailEvent.occurred_at)).where(
        MailEvent.recipient == recipient, MailEvent.event == "delivered"
    )
    lifted = select(func.max(StoppedAddress.lifted_at)).where(
        StoppedAddress.organisation_id == organisation_id,
        StoppedAddress.contact_id.in_(sorted(contact_ids)),
        StoppedAddress.address == address,
    )
    after = max(
        moment for moment in (since, session.scalar(delivered), session.scalar(lifted)) if moment is not None
    )
    return (
        session.scalar(
            select(func.count(MailEvent.communication_id.distinct())).where(
                MailEvent.recipient == recipient,
                MailEvent.event == "bounce",
                MailEvent.occurred_at > after,
            )
        )
        or 0
    )
