"""Disputes: those that rest something, and the lists of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, literal_column, select, type_coerce
from sqlalchemy.orm import Session

from credit_control.disputes import DisputeOutcome, Raised, in_dispute
from store.among import among
from store.models import Contact, Dispute, Invoice, Person
from store.queries.batches import slices
from store.types import money

_ANSWERED = tuple(one.value for one in DisputeOutcome if one is not DisputeOutcome.WITHDRAWN)
_RESTS: ColumnElement[bool] = literal_column("disputes.rests")
"""Written out, so that both databases can use the partial index."""
_OPEN: ColumnElement[bool] = literal_column("(invoices.status = 'AUTHORISED' AND invoices.amount_due > 0)")
_ANY = select(Dispute.id).where(Dispute.organisation_id == bindparam("organisation"), _RESTS).limit(1)
_COLUMNS = (
    Dispute.contact_id,
    Dispute.invoice_id,
    Invoice.currency,
    Dispute.reason,
    type_coerce(Dispute.amount, BigInteger),
    type_coerce(Dispute.credited_before, BigInteger),
    Dispute.outcome,
    type_coerce(Dispute.agreed, BigInteger),
    type_coerce(Invoice.amount_due, BigInteger),
    type_coerce(Invoice.amount_credited, BigInteger),
)
_WITH_INVOICE = (
    select(*_COLUMNS)
    .join(Invoice, (Invoice.organisation_id == Dispute.organisation_id) & (Invoice.id == Dispute.invoice_id))
    .where(
        Dispute.organisation_id == bindparam("organisation"),
        _RESTS,
        _OPEN,
    )
    .order_by(Dispute.invoice_id, Dispute.opened_at, Dispute.id)
)
_OF_CONTACTS = _WITH_INVOICE.where(among(Dispute.contact_id, "contacts"))


Shown = Literal["open", "credit", "settled"]


@dataclass(frozen=True, slots=True)
class Resting:
    """What rests of an open invoice, and why in the words of its newest dispute."""

    contact_id: str
    invoice_id: str
    currency: str
    amount: Decimal
    because: str
    credit_is_due: bool
    """Nothing of it is open: it rests until the agreed credit is in the ledger."""


def rests_something() -> ColumnElement[bool]:
    """Whether anything of an invoice (of the statement that this is part of) rests: it is in dispute, or to be credited."""
    return (
        select(literal_column("1"))
        .where(
            Dispute.organisation_id == Invoice.organisation_id,
            Dispute.invoice_id == Invoice.id,
            _RESTS,
            Dispute.outcome.is_(None) | (Dispute.agreed > Invoice.amount_credited - Dispute.credited_before),
        )
        .exists()
    )


def rests_anything(session: Session, organisation_id: str) -> bool:
    """Whether there is any dispute that can rest something; most organisations are done with this."""
    return session.connection().execute(_ANY, {"organisation": organisation_id}).first() is not None


def resting(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, Resting]:
    """What rests of the open invoices of these contacts, by invoice."""
    if not contact_ids or not rests_anything(session, organisation_id):
        return {}
    found: dict[str, Resting] = {}
    for some in slices(sorted(contact_ids)):
        rows = session.connection().execute(_OF_CONTACTS, {"organisation": organisation_id, "contacts": some})
        found |= _resting(rows.all())
    return found


def _resting(rows: Sequence[Any]) -> dict[str, Resting]:
    by_invoice: dict[str, list[tuple[Raised, str]]] = defaultdict(list)
    of: dict[str, tuple[str, str, Decimal, Decimal]] = {}
    for contact_id, invoice_id, currency, reason, amount, before, outcome, agreed, due, credited in rows:
        one = Raised(
            None if amount is None else money(amount),
            money(before),
            DisputeOutcome(outcome) if outcome else None,
            money(agreed or 0),
        )
        by_invoice[invoice_id].append((one, reason))
        of[invoice_id] = (contact_id, currency, money(due), money(credited))
    found = {}
    for invoice_id, raised in by_invoice.items():
        contact_id, currency, due, credited = of[invoice_id]
        amount = in_dispute([one for one, _ in raised], due, credited)
        if amount > 0:
            settled = all(one.outcome for one, _ in raised)
            found[invoice_id] = Resting(contact_id, invoice_id, currency, amount, raised[-1][1], settled)
    return found


def all_resting(session: Session, organisation_id: str) -> dict[str, Resting]:
    """What rests of all open invoices of an organisation, by invoice."""
    rows = session.connection().execute(_WITH_INVOICE, {"organisation": organisation_id})
    return _resting(rows.all())


def of_invoices(session: Session, organisation_id: str, invoices: Collection[Invoice]) -> dict[str, Decimal]:
    """What rests of these invoices, by id; of most nothing does."""
    found = resting(session, organisation_id, {one.contact_id for one in invoices})
    return {one.id: found[one.id].amount for one in invoices if one.id in found}


def dispute(session: Session, organisation_id: str, dispute_id: str) -> Dispute | None:
    """One dispute; None: the organisation has no such one."""
    return session.get(Dispute, (organisation_id, dispute_id))


def open_about(session: Session, organisation_id: str, invoice_id: str) -> Dispute | None:
    """The open dispute about an invoice; there is never more than one."""
    return session.scalars(
        select(Dispute).where(
            Dispute.organisation_id == organisation_id,
            Dispute.invoice_id == invoice_id,
            Dispute.outcome.is_(None),
        )
    ).one_or_none()


def of_invoice(session: Session, organisation_id: str, invoice_id: str) -> list[Dispute]:
    """All disputes about an invoice, the oldest first."""
    return list(
        session.scalars(
            select(Dispute)
            .where(Dispute.organisation_id == organisation_id, Dispute.invoice_id == invoice_id)
            .order_by(Dispute.opened_at, Dispute.id)
        )
    )


def listed(
    session: Session,
    organisation_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    is_open: bool | None = None,
    contact_id: str | None = None,
    invoice_id: str | None = None,
) -> list[Dispute]:
    """Disputes, the newest first, behind the sort key ``after``; one more than asked for."""
    statement = select(Dispute).where(Dispute.organisation_id == organisation_id)
    if is_open is not None:
        statement = statement.where(Dispute.outcome.is_(None) if is_open else Dispute.outcome.is_not(None))
    if contact_id:
        statement = statement.where(Dispute.contact_id == contact_id)
    if invoice_id:
        statement = statement.where(Dispute.invoice_id == invoice_id)
    if after:
        moment, last_id = after
        statement = statement.where(
            (Dispute.opened_at < moment) | ((Dispute.opened_at == moment) & (Dispute.id < last_id))
        )
    order = (Dispute.opened_at.desc(), Dispute.id.desc())
    return list(session.scalars(statement.order_by(*order).limit(limit + 1)))


def shown(
    session: Session, organisation_id: str, which: Shown, *, limit: int, offset: int = 0
) -> Sequence[tuple[Dispute, Invoice, Contact]]:
    """Disputes with what they are about: open ones by their day, those with a credit due, settled ones the newest first."""
    statement = (
        select(Dispute, Invoice, Contact)
        .join(
            Invoice,
            (Invoice.organisation_id == Dispute.organisation_id) & (Invoice.id == Dispute.invoice_id),
        )
        .join(
            Contact,
            (Contact.organisation_id == Dispute.organisation_id) & (Contact.id == Dispute.contact_id),
        )
        .where(Dispute.organisation_id == organisation_id)
    )
    if which == "open":
        statement = statement.where(Dispute.outcome.is_(None)).order_by(Dispute.answer_by, Dispute.id)
    elif which == "credit":
        due = Dispute.agreed > Invoice.amount_credited - Dispute.credited_before
        statement = statement.where(_RESTS, Dispute.outcome.is_not(None), due, _OPEN).order_by(
            Dispute.settled_at, Dispute.id
        )
    else:
        statement = statement.where(Dispute.outcome.is_not(None)).order_by(
            Dispute.settled_at.desc(), Dispute.id
        )
    return session.execute(statement.limit(limit).offset(offset)).all()


def of_contact(session: Session, organisation_id: str, contact_id: str) -> list[tuple[Dispute, Invoice]]:
    """The open disputes of a contact, those to be answered first first."""
    rows = session.execute(
        select(Dispute, Invoice)
        .join(
            Invoice,
            (Invoice.organisation_id == Dispute.organisation_id) & (Invoice.id == Dispute.invoice_id),
        )
        .where(
            Dispute.organisation_id == organisation_id,
            Dispute.contact_id == contact_id,
            Dispute.outcome.is_(None),
        )
        .order_by(Dispute.answer_by, Dispute.id)
    )
    return [(dispute, invoice) for dispute, invoice in rows]


def settled_since(
    session: Session, organisation_id: str, contact_ids: Collection[str], since: datetime
) -> list[tuple[Dispute, Invoice]]:
    """The disputes of these contacts that were answered since then; those that were withdrawn need no answer."""
    found: list[tuple[Dispute, Invoice]] = []
    for some in slices(sorted(contact_ids)):
        rows = session.execute(
            select(Dispute, Invoice)
            .join(
                Invoice,
                (Invoice.organisation_id == Dispute.organisation_id) & (Invoice.id == Dispute.invoice_id),
            )
            .where(
                Dispute.organisation_id == organisation_id,
                Dispute.contact_id.in_(some),
                Dispute.outcome.in_(_ANSWERED),
                Dispute.settled_at >= since,
            )
            .order_by(Dispute.contact_id, Dispute.settled_at, Dispute.id)
        )
        found += [(dispute, invoice) for dispute, invoice in rows]
    return found


def dispute_of(occasion: dict[str, Any] | None) -> str:
    """The dispute that a mail answers; empty: it answers none."""
    return str((occasion or {}).get("dispute", ""))


def names(session: Session, person_ids: Collection[str]) -> dict[str, str]:
    """The names of these people."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return dict(rows.all())


def counted(session: Session, organisation_id: str) -> list[tuple[str, int, int]]:
    """For each reason how many disputes are open, and how many there ever were; the most frequent first."""
    total = func.count()
    rows = session.execute(
        select(Dispute.category, total - func.count(Dispute.outcome), total)
        .where(Dispute.organisation_id == organisation_id)
        .group_by(Dispute.category)
        .order_by(total.desc(), Dispute.category)
    )
    return [(category, still_open, count) for category, still_open, count in rows]
