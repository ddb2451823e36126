"""What pages ask about people, their organisations, and an organisation's receivables as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import Session

from store.models import (
    Authorisation,
    Contact,
    Credit,
    Invoice,
    Membership,
    Organisation,
    Person,
    Schedule,
    ScheduleVersion,
)
from store.queries import practices

OPEN_INVOICE = text("invoices.status = 'AUTHORISED' AND invoices.amount_due > 0")
"""As ``store.models.ledger.OPEN``, but clear beside other tables; both databases still use the partial index."""


def answers(session: Session) -> None:
    """Ask the database for nothing; raises when it cannot be reached."""
    session.execute(text("SELECT 1"))


def membership(session: Session, person_id: str, organisation_id: str) -> tuple[Organisation, str] | None:
    """The organisation and the person's role in it: their own, else that by a practice; None for a stranger."""
    statement = (
        select(Organisation, Membership.role)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id, Membership.organisation_id == organisation_id)
    )
    row = session.execute(statement).one_or_none()
    if row:
        return row[0], row[1]
    found = practices.by_practice(session, person_id, organisation_id)
    return (found[0], found[1]) if found else None


def organisations_of(session: Session, person_id: str) -> list[Organisation]:
    """The organisations that the person belongs to, or works for by a practice, by name."""
    own = select(Membership.organisation_id).where(Membership.person_id == person_id)
    statement = (
        select(Organisation)
        .where(
            or_(
                Organisation.id.in_(own),
                Organisation.id.in_(practices.organisation_ids_by_practice(person_id)),
            )
        )
        .order_by(Organisation.name, Organisation.id)
    )
    return list(session.scalars(statement))


def connected_by(session: Session, organisation: Organisation) -> Person | None:
    """Whose authorisation at the ledger the organisation uses."""
    statement = (
        select(Person)
        .join(Authorisation, Authorisation.person_id == Person.id)
        .where(Authorisation.id == organisation.authorisation_id)
    )
    return session.scalars(statement).one_or_none()


def default_schedule(session: Session, organisation_id: str) -> tuple[Schedule, ScheduleVersion] | None:
    """The schedule that contacts follow, with its newest version."""
    statement = (
        select(Schedule, ScheduleVersion)
        .join(
            ScheduleVersion,
            (ScheduleVersion.organisation_id == Schedule.organisation_id)
            & (ScheduleVersion.schedule_id == Schedule.id),
        )
        .where(Schedule.organisation_id == organisation_id, Schedule.is_default)
        .order_by(ScheduleVersion.number.desc())
        .limit(1)
    )
    row = session.execute(statement).one_or_none()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class DueDay:
    """What is still owed of everything that was due on one day, in one currency."""

    currency: str
    due_on: date
    amount_due: Decimal
    invoices: int


def open_by_due_day(session: Session, organisation_id: str, issued_by: date | None = None) -> list[DueDay]:
    """All open invoices (of those issued by a day), added up by currency and due date: small even for a million of them."""
    known = [Invoice.issued_on <= issued_by] if issued_by else []
    statement = (
        select(Invoice.currency, Invoice.due_on, func.sum(Invoice.amount_due), func.count())
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE, *known)
        .group_by(Invoice.currency, Invoice.due_on)
        .order_by(Invoice.currency, Invoice.due_on)
    )
    return [DueDay(*row) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An open invoice and whose it is."""

    invoice: Invoice
    contact_name: str


def oldest_open(session: Session, organisation_id: str, limit: int = 5) -> list[OpenInvoice]:
    """The invoices that have been due longest."""
    statement = (
        select(Invoice, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id),
        )
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
        .order_by(Invoice.due_on, Invoice.number, Invoice.id)
        .limit(limit)
    )
    return [OpenInvoice(*row) for row in session.execute(statement)]


def _owing_without_email(organisation_id: str) -> Select[Contact]:
    owes = select(Invoice.contact_id).where(Invoice.organisation_id == organisation_id, OPEN_INVOICE)
    return select(Contact).where(
        Contact.organisation_id == organisation_id,
        Contact.id.in_(owes),
        func.coalesce(Contact.email, "") == "",
    )


def owing_without_email(
    session: Session, organisation_id: str, limit: int = 5
) -> tuple[int, Sequence[Contact]]:
    """How many contacts owe something but have no e-mail address in the ledger, and the first few by name."""
    statement = _owing_without_email(organisation_id)
    count = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    return count, session.scalars(statement.order_by(Contact.name, Contact.id).limit(limit)).all()


def unallocated_credit(session: Session, organisation_id: str) -> dict[str, Decimal]:
    """Money of customers that is not allocated to an invoice, by currency."""
    statement = (
        select(Credit.currency, func.sum(Credit.remaining))
        .where(Credit.organisation_id == organisation_id, Credit.status == "AUTHORISED", Credit.remaining > 0)
        .group_by(Credit.currency)
        .order_by(Credit.currency)
    )
    return dict(session.execute(statement).all())
