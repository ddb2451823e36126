"""People of customers as entered here, and addresses that changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from store.models import ChangedAddress, Contact, ContactPerson
from store.queries.batches import slices
from store.queries.upsert import insert_new


def entered(session: Session, organisation_id: str, contact_id: str) -> Sequence[ContactPerson]:
    """Whom somebody entered at a contact, and nobody has removed, in the order of entry."""
    return session.scalars(
        select(ContactPerson)
        .where(
            ContactPerson.organisation_id == organisation_id,
            ContactPerson.contact_id == contact_id,
            ContactPerson.removed_at.is_(None),
        )
        .order_by(ContactPerson.entered_at, ContactPerson.id)
    ).all()


def one(session: Session, organisation_id: str, person_id: str) -> ContactPerson | None:
    """Somebody who is entered and not removed."""
    found = session.get(ContactPerson, (organisation_id, person_id))
    return found if found and found.removed_at is None else None


def changed_addresses(session: Session, organisation_id: str, contact_id: str) -> Sequence[ChangedAddress]:
    """The addresses of a contact that came after we knew it, the newest first."""
    return session.scalars(
        select(ChangedAddress)
        .where(ChangedAddress.organisation_id == organisation_id, ChangedAddress.contact_id == contact_id)
        .order_by(ChangedAddress.noticed_at.desc(), ChangedAddress.address)
    ).all()


def confirm(
    session: Session, organisation_id: str, contact_id: str, address: str, by: str, now: datetime
) -> ChangedAddress | None:
    """Say yes to an address; None when it waits for no yes."""
    found = session.get(ChangedAddress, (organisation_id, contact_id, address))
    if found is None or found.confirmed_at is not None:
        return None
    found.confirmed_by, found.confirmed_at = by, now
    session.flush()
    return found


def move_roles(session: Session, organisation_id: str, contact_id: str, old: str, new: str) -> None:
    """What was entered of an address of the ledger is meant of another one from now on, unless that has its own."""
    has_own = select(ContactPerson.id).where(
        ContactPerson.organisation_id == organisation_id,
        ContactPerson.contact_id == contact_id,
        ContactPerson.email == new,
        ContactPerson.removed_at.is_(None),
    )
    if session.scalar(has_own) is None:
        session.execute(
            update(ContactPerson)
            .where(
                ContactPerson.organisation_id == organisation_id,
                ContactPerson.contact_id == contact_id,
                ContactPerson.email == old,
                ContactPerson.of_ledger,
                ContactPerson.removed_at.is_(None),
            )
            .values(email=new)
        )


def ledger_addresses(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, tuple[str, str | None, list[dict[str, Any]]]]:
    """Status, address and persons of these contacts, as the mirror has them."""
    found: dict[str, tuple[str, str | None, list[dict[str, Any]]]] = {}
    for ids in slices(sorted(contact_ids)):
        rows = session.connection().execute(
            select(Contact.id, Contact.status, Contact.email, Contact.persons).where(
                Contact.organisation_id == organisation_id, Contact.id.in_(ids)
            )
        )
        found.update((row.id, (row.status, row.email, row.persons)) for row in rows)
    return found


def changes_of(session: Session, organisation_id: str, contact_ids: Collection[str]) -> list[ChangedAddress]:
    """All that is remembered of changed addresses of these contacts."""
    found: list[ChangedAddress] = []
    for ids in slices(sorted(contact_ids)):
        rows = select(ChangedAddress).where(
            ChangedAddress.organisation_id == organisation_id, ChangedAddress.contact_id.in_(ids)
        )
        found += session.scalars(rows)
    return found


def note_changes(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Addresses that are new; what is known of one already stays."""
    if rows:
        session.connection().execute(insert_new(session, ChangedAddress), list(rows))


def forget_unconfirmed(session: Session, organisation_id: str, gone: Collection[tuple[str, str]]) -> None:
    """Nobody has to say yes to addresses that the ledger has taken back."""
    for contact_id, address in sorted(gone):
        session.execute(
            delete(ChangedAddress).where(
                ChangedAddress.organisation_id == organisation_id,
                ChangedAddress.contact_id == contact_id,
                ChangedAddress.address == address,
                ChangedAddress.confirmed_at.is_(None),
            )
        )
