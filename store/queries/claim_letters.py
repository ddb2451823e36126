"""Letters before action, and the invoices that one is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, TextClause, func, select
from sqlalchemy.orm import Session

from store.asked import spared
from store.models import ClaimLetter, Contact, Hold, Invoice, Membership, Person
from store.queries.disputes import rests_something
from store.queries.pages import OPEN_INVOICE


def of_contact(session: Session, organisation_id: str, contact_id: str) -> Sequence[ClaimLetter]:
    """All letters to a contact, the newest first."""
    return session.scalars(
        select(ClaimLetter)
        .where(ClaimLetter.organisation_id == organisation_id, ClaimLetter.contact_id == contact_id)
        .order_by(ClaimLetter.created_at.desc(), ClaimLetter.id)
    ).all()


def letters(
    session: Session,
    organisation_id: str,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
    status: str | None = None,
    contact_id: str | None = None,
) -> Sequence[ClaimLetter]:
    """Letters to all contacts, or to one, the newest first."""
    statement = (
        select(ClaimLetter)
        .where(ClaimLetter.organisation_id == organisation_id)
        .order_by(ClaimLetter.created_at.desc(), ClaimLetter.id.desc())
        .limit(limit)
    )
    if status:
        statement = statement.where(ClaimLetter.status == status)
    if contact_id:
        statement = statement.where(ClaimLetter.contact_id == contact_id)
    if after:
        at, id_ = after
        older = (ClaimLetter.created_at < at) | ((ClaimLetter.created_at == at) & (ClaimLetter.id < id_))
        statement = statement.where(older)
    return session.scalars(statement).all()


def letter(session: Session, organisation_id: str, contact_id: str, letter_id: str) -> ClaimLetter | None:
    """One letter to this contact, locked; None: there is no such one."""
    return session.scalars(
        select(ClaimLetter)
        .where(
            ClaimLetter.organisation_id == organisation_id,
            ClaimLetter.contact_id == contact_id,
            ClaimLetter.id == letter_id,
        )
        .with_for_update()
    ).one_or_none()


def contact_of(session: Session, organisation_id: str, letter_id: str) -> str | None:
    """To which contact a letter is; None: there is no such one. The letter itself is read when it is locked."""
    return session.scalar(
        select(ClaimLetter.contact_id).where(
            ClaimLetter.organisation_id == organisation_id, ClaimLetter.id == letter_id
        )
    )


def claimable(session: Session, organisation_id: str, contact_id: str, today: date) -> Sequence[Invoice]:
    """Overdue invoices of a contact that are not on hold by themselves, such as disputed ones; the oldest first.

    Nothing is claimed while special terms hold about it.
    """
    found = session.scalars(
        select(Invoice)
        .where(*_claimable(organisation_id, today), Invoice.contact_id == contact_id)
        .order_by(Invoice.due_on, Invoice.number)
    ).all()
    left_alone = spared(session, organisation_id, found, today)
    return [one for one in found if one.id not in left_alone]


def claimable_by_contact(
    session: Session, organisation_id: str, today: date, limit: int
) -> list[tuple[Contact, list[Invoice]]]:
    """The same of all contacts, at most so many of them, those with the oldest debts first."""
    oldest = session.execute(
        select(Invoice.contact_id, func.min(Invoice.due_on))
        .where(*_claimable(organisation_id, today))
        .group_by(Invoice.contact_id)
        .order_by(func.min(Invoice.due_on), Invoice.contact_id)
        .limit(limit)
    ).all()
    ids = [contact_id for contact_id, _ in oldest]
    contacts = {
        one.id: one
        for one in session.scalars(
            select(Contact).where(Contact.organisation_id == organisation_id, Contact.id.in_(ids))
        )
    }
    found: dict[str, list[Invoice]] = {contact_id: [] for contact_id in ids}
    late = session.scalars(
        select(Invoice)
        .where(*_claimable(organisation_id, today), Invoice.contact_id.in_(ids))
        .order_by(Invoice.due_on, Invoice.number)
    ).all()
    left_alone = spared(session, organisation_id, late, today)
    for invoice in late:
        if invoice.id not in left_alone:
            found[invoice.contact_id].append(invoice)
    return [(contacts[contact_id], invoices) for contact_id, invoices in found.items() if invoices]


def members_with(session: Session, organisation_id: str, email: str) -> list[tuple[str, str]]:
    """Name and role of the members with this address, in whatever case it is written."""
    statement = (
        select(Person.name, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id, func.lower(Person.email) == email.lower())
        .order_by(Person.id)
    )
    return [(name, role) for name, role in session.execute(statement)]


def _claimable(organisation_id: str, today: date) -> tuple[ColumnElement[bool] | TextClause, ...]:
    held = (
        select(Hold.id)
        .where(
            Hold.organisation_id == organisation_id,
            Hold.invoice_id == Invoice.id,
            Hold.released_at.is_(None),
            Hold.until.is_(None) | (Hold.until >= today),
        )
        .exists()
    )
    return (
        Invoice.organisation_id == organisation_id,
        OPEN_INVOICE,
        Invoice.due_on < today,
        ~held,
        ~rests_something(),
    )
