"""What there is to write about beside steps: payments after chasing, invoices nobody has sent, balances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.occasions import OccasionKind
from store.models import Communication, CommunicationInvoice, Contact, Credit, Invoice
from store.queries.batches import slices

_OPEN: ColumnElement[bool] = literal_column("invoices.status = 'AUTHORISED' AND invoices.amount_due > 0")
_HAS_LEFT = or_(Communication.handed_over_at.is_not(None), Communication.sent_at.is_not(None))


@dataclass(frozen=True, slots=True)
class OfContact:
    """An invoice that a mail is to be about. ``on``: the day on which it was paid, or issued."""

    contact_id: str
    ledger_id: str
    invoice: facts.Invoice
    on: date


def look_at_balances(session: Session, organisation_id: str, now: datetime) -> None:
    """Have every contact looked at that owes something or has credit left."""
    session.connection().execute(
        update(Contact).where(*_have_a_balance(organisation_id)).values(next_look_at=now)
    )


def contacts_with_a_balance(session: Session, organisation_id: str) -> list[str]:
    """The contacts that owe something or have credit left, in the order of their ids."""
    statement = select(Contact.id).where(*_have_a_balance(organisation_id))
    return list(session.scalars(statement.order_by(Contact.id)))


def some_with_a_balance(session: Session, organisation_id: str, *, after: int, most: int) -> list[str]:
    """So many of them in the order of their names, behind the first ``after``."""
    statement = select(Contact.id).where(*_have_a_balance(organisation_id))
    by_name = statement.order_by(func.lower(Contact.name), Contact.id)
    return list(session.scalars(by_name.limit(most).offset(after)))


def count_with_a_balance(session: Session, organisation_id: str) -> int:
    """How many they are."""
    statement = select(func.count()).select_from(Contact)
    return session.scalar(statement.where(*_have_a_balance(organisation_id))) or 0


def _have_a_balance(organisation_id: str) -> tuple[ColumnElement[bool], ...]:
    owing = select(Invoice.contact_id).where(Invoice.organisation_id == organisation_id, _OPEN)
    credited = select(Credit.contact_id).where(
        Credit.organisation_id == organisation_id, Credit.status == "AUTHORISED", Credit.remaining > 0
    )
    return (Contact.organisation_id == organisation_id, Contact.id.in_(owing) | Contact.id.in_(credited))


def paid_after_chasing(
    session: Session, organisation_id: str, contact_ids: Sequence[str], since: date
) -> list[OfContact]:
    """Invoices paid in full with money since that day, after a chaser about them had left, and not thanked for yet."""
    its, mail = CommunicationInvoice, Communication

    def told(kind: str) -> Any:
        return exists().where(
            its.organisation_id == Invoice.organisation_id,
            its.invoice_id == Invoice.id,
            mail.organisation_id == its.organisation_id,
            mail.id == its.communication_id,
            mail.kind == kind,
            _HAS_LEFT,
        )

    found: list[OfContact] = []
    for ids in slices(contact_ids):
        rows = session.scalars(
            select(Invoice)
            .where(
                Invoice.organisation_id == organisation_id,
                Invoice.contact_id.in_(ids),
                Invoice.status == "PAID",
                Invoice.fully_paid_on >= since,
                Invoice.amount_paid > 0,
                told("chaser"),
                ~told(OccasionKind.THANKS),
            )
            .order_by(Invoice.contact_id, Invoice.id)
        )
        found += [
            OfContact(row.contact_id, row.ledger_id, fact_of(row), row.fully_paid_on)
            for row in rows
            if row.fully_paid_on
        ]
    return found


def unsent(
    session: Session, organisation_id: str, contact_ids: Sequence[str], first: date
) -> list[OfContact]:
    """Approved invoices since that day, still whole, that neither the ledger nor we have sent to the customer."""
    its, mail = CommunicationInvoice, Communication
    sent = exists().where(
        its.organisation_id == Invoice.organisation_id,
        its.invoice_id == Invoice.id,
        mail.organisation_id == its.organisation_id,
        mail.id == its.communication_id,
        mail.direction == "out",
        _HAS_LEFT,
    )
    found: list[OfContact] = []
    for ids in slices(contact_ids):
        rows = session.scalars(
            select(Invoice)
            .where(
                Invoice.organisation_id == organisation_id,
                Invoice.contact_id.in_(ids),
                _OPEN,
                Invoice.sent.is_(False),
                Invoice.amount_due == Invoice.total,
                Invoice.issued_on >= first,
                ~sent,
            )
            .order_by(Invoice.contact_id, Invoice.id)
        )
        found += [OfContact(row.contact_id, row.ledger_id, fact_of(row), row.issued_on) for row in rows]
    return found


def fact_of(row: Invoice) -> facts.Invoice:
    """An invoice in the words of the rules."""
    return facts.Invoice(
        row.id,
        row.number,
        row.issued_on,
        row.due_on,
        row.currency,
        row.total,
        row.amount_due,
        row.status,
        row.expected_on,
        row.reference,
    )


def contact_ledger_ids(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, str]:
    """The ledger's ids of these contacts."""
    found: dict[str, str] = {}
    for ids in slices(contact_ids):
        rows = session.execute(
            select(Contact.id, Contact.ledger_id).where(
                Contact.organisation_id == organisation_id, Contact.id.in_(ids)
            )
        )
        found.update((contact_id, ledger_id) for contact_id, ledger_id in rows)
    return found
