"""Planning: which organisations and contacts to look at, and when to look again.

What is read to be changed is locked where the database knows row locks (PostgreSQL); SQLite has one
writer at a time anyway. Locks are taken in the order organisation, contacts, communications.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists, literal_column, select, tuple_, update
from sqlalchemy.orm import Session

from store.models import Communication, Contact, Invoice, Organisation
from store.queries import foresights
from store.queries.batches import slices
from store.queries.chasers import IS_WAITING

_OPEN_INVOICE: ColumnElement[bool] = literal_column(
    "invoices.status = 'AUTHORISED' AND invoices.amount_due > 0"
)
_CHASES = (Organisation.connection == "connected", Organisation.chasing.in_(("dry_run", "live")))


def chasing_organisation(session: Session, organisation_id: str) -> Organisation | None:
    """The organisation if it is connected and chases; its switch cannot be moved before our change is done."""
    return session.scalars(
        select(Organisation).where(Organisation.id == organisation_id, *_CHASES).with_for_update(read=True)
    ).one_or_none()


def organisations_to_plan(session: Session, now: datetime) -> list[str]:
    """Connected organisations that chase and have a contact whose next look is due."""
    look_due = exists().where(Contact.organisation_id == Organisation.id, Contact.next_look_at <= now)
    return list(session.scalars(select(Organisation.id).where(*_CHASES, look_due).order_by(Organisation.id)))


def contacts_with_open_invoices(session: Session, organisation_id: str) -> list[str]:
    """Contacts that owe something, in the order of their ids."""
    statement = select(Invoice.contact_id).where(Invoice.organisation_id == organisation_id, _OPEN_INVOICE)
    return list(session.scalars(statement.distinct().order_by(Invoice.contact_id)))


def due_contacts(
    session: Session,
    organisation_id: str,
    now: datetime,
    after: tuple[datetime | None, str] | None,
    limit: int,
) -> Sequence[tuple[datetime | None, str]]:
    """Contacts whose next look is due, as (next look, id) behind ``after``, locked. Those locked by others wait."""
    statement = select(Contact.next_look_at, Contact.id).where(
        Contact.organisation_id == organisation_id, Contact.next_look_at <= now
    )
    if after:
        statement = statement.where(tuple_(Contact.next_look_at, Contact.id) > after)
    ordered = statement.order_by(Contact.next_look_at, Contact.id).limit(limit)
    rows = session.execute(ordered.with_for_update(skip_locked=True))
    return [(look_at, contact_id) for look_at, contact_id in rows]


def look_again(session: Session, organisation_id: str, contact_ids: Iterable[str], now: datetime) -> None:
    """Have the rules look at these contacts at once."""
    for ids in slices(sorted(set(contact_ids))):
        _set_look(session, organisation_id, ids, now)
        foresights.forget(session, organisation_id, ids)


def look_at_all(session: Session, organisation_id: str, now: datetime) -> None:
    """Have the rules look at every contact that owes something or has a chaser waiting."""
    waiting = select(Communication.contact_id).where(
        Communication.organisation_id == organisation_id, IS_WAITING
    )
    owing = select(Invoice.contact_id).where(Invoice.organisation_id == organisation_id, _OPEN_INVOICE)
    session.connection().execute(
        update(Contact)
        .where(Contact.organisation_id == organisation_id, Contact.id.in_(owing) | Contact.id.in_(waiting))
        .values(next_look_at=now)
    )


def set_looks(session: Session, organisation_id: str, looks: Mapping[datetime | None, Sequence[str]]) -> None:
    """Store when to look again, given as moment to contacts."""
    rows = [{"contact": one, "look_at": moment} for moment, ids in looks.items() for one in ids]
    if rows:
        session.connection().execute(
            update(Contact)
            .where(Contact.organisation_id == organisation_id, Contact.id == bindparam("contact"))
            .values(next_look_at=bindparam("look_at")),
            rows,
        )


def _set_look(session: Session, organisation_id: str, ids: Sequence[str], moment: datetime | None) -> None:
    session.connection().execute(
        update(Contact)
        .where(Contact.organisation_id == organisation_id, Contact.id.in_(ids))
        .values(next_look_at=moment)
    )


def ledger_ids(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, str]:
    """The ledger's id of each open invoice of these contacts."""
    found: dict[str, str] = {}
    for ids in slices(contact_ids):
        rows = session.connection().execute(
            select(Invoice.id, Invoice.ledger_id).where(
                Invoice.organisation_id == organisation_id, Invoice.contact_id.in_(ids), _OPEN_INVOICE
            )
        )
        found.update((row_id, ledger_id) for row_id, ledger_id in rows)
    return found


def contact_ledger_ids(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, str]:
    """The ledger's id of each of these contacts."""
    found: dict[str, str] = {}
    for ids in slices(contact_ids):
        rows = session.connection().execute(
            select(Contact.id, Contact.ledger_id).where(
                Contact.organisation_id == organisation_id, Contact.id.in_(ids)
            )
        )
        found.update((row_id, ledger_id) for row_id, ledger_id in rows)
    return found
