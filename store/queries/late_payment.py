"""What is asked about interest and charges: the organisation's rules, customers' terms, payments, charges."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, TextClause, func, select, tuple_, update
from sqlalchemy.orm import Session

from store.models import (
    Contact,
    Hold,
    Invoice,
    LateFee,
    LatePaymentPolicy,
    LatePaymentTerms,
    Organisation,
    Payment,
)
from store.queries.batches import slices
from store.queries.pages import OPEN_INVOICE


@dataclass(frozen=True, slots=True)
class Done:
    """What earlier periods of an invoice come to, charged or waived; ``to_on`` is the last day of them."""

    to_on: date
    interest: Decimal
    compensation: Decimal


def policy(session: Session, organisation_id: str) -> LatePaymentPolicy | None:
    """How the organisation works out and charges interest; None: nobody has said."""
    return session.get(LatePaymentPolicy, organisation_id)


def terms(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, LatePaymentTerms]:
    """What is known of these customers, by contact id; those of whom nothing is known are not in it."""
    found: dict[str, LatePaymentTerms] = {}
    for some in slices(sorted(set(contact_ids))):
        rows = session.scalars(
            select(LatePaymentTerms).where(
                LatePaymentTerms.organisation_id == organisation_id, LatePaymentTerms.contact_id.in_(some)
            )
        )
        found |= {row.contact_id: row for row in rows}
    return found


def payments(
    session: Session, organisation_id: str, invoice_ids: Collection[str]
) -> dict[str, list[tuple[date, Decimal]]]:
    """The payments of these invoices, the earliest first."""
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for some in slices(sorted(set(invoice_ids))):
        rows = session.execute(
            select(Payment.invoice_id, Payment.paid_on, Payment.amount)
            .where(
                Payment.organisation_id == organisation_id,
                Payment.invoice_id.in_(some),
                Payment.status == "AUTHORISED",
            )
            .order_by(Payment.paid_on, Payment.id)
        )
        for invoice_id, paid_on, amount in rows:
            found.setdefault(invoice_id or "", []).append((paid_on, amount))
    return found


def documents(
    session: Session, organisation_id: str, invoice_ids: Collection[str]
) -> Sequence[tuple[Invoice, Contact]]:
    """These invoices with their contacts, as they are in the mirror now."""
    found: list[tuple[Invoice, Contact]] = []
    for some in slices(sorted(set(invoice_ids))):
        statement = (
            select(Invoice, Contact)
            .join(
                Contact,
                (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id),
            )
            .where(Invoice.organisation_id == organisation_id, Invoice.id.in_(some))
            .execution_options(populate_existing=True)
        )
        found += session.execute(statement).all()
    return found


def done(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> dict[str, Done]:
    """What was charged or waived for these invoices, by invoice id."""
    found: dict[str, Done] = {}
    for some in slices(sorted(set(invoice_ids))):
        rows = session.scalars(
            select(LateFee).where(
                LateFee.organisation_id == organisation_id,
                LateFee.invoice_id.in_(some),
                LateFee.status != "refused",
            )
        )
        for row in rows:
            before = found.get(row.invoice_id, Done(row.to_on, Decimal(0), Decimal(0)))
            found[row.invoice_id] = Done(
                max(before.to_on, row.to_on),
                before.interest + row.interest,
                before.compensation + row.compensation,
            )
    return found


def chargeable(
    session: Session,
    organisation_id: str,
    today: date,
    *,
    invoice_ids: Collection[str] | None = None,
    limit: int | None = None,
    by_ids: bool = False,
    after: tuple[str, str] | None = None,
) -> Sequence[tuple[Invoice, Contact]]:
    """Overdue invoices that nothing keeps from being charged for: not on hold, and no charges themselves.

    Without ``invoice_ids``, only those of customers of whom it is known what they are. In the order of the
    customers' names, or ``by_ids`` of contacts and invoices, where ``after`` says from which two on.
    """
    order = (Contact.id, Invoice.id) if by_ids else (Contact.name, Contact.id, Invoice.due_on, Invoice.id)
    statement = (
        select(Invoice, Contact)
        .join(
            Contact, (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id)
        )
        .where(*_may_be_charged(organisation_id, today))
        .order_by(*order)
        .limit(limit)
    )
    if after:
        statement = statement.where(tuple_(Contact.id, Invoice.id) > after)
    if invoice_ids is None:
        return session.execute(statement.where(_is_known(organisation_id))).all()
    found: list[tuple[Invoice, Contact]] = []
    for some in slices(sorted(set(invoice_ids))):
        found += session.execute(statement.where(Invoice.id.in_(some))).all()
    return found


def not_asked(session: Session, organisation_id: str, today: date) -> int:
    """How many customers have overdue invoices, of whom nobody has said what they are."""
    statement = (
        select(func.count(Invoice.contact_id.distinct()))
        .join(
            Contact, (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id)
        )
        .where(*_may_be_charged(organisation_id, today), ~_is_known(organisation_id))
    )
    return session.scalar(statement) or 0


def due_for_a_charge(
    session: Session, organisation_id: str, today: date, since: date, after: str | None, most: int
) -> list[str]:
    """Ids of invoices that were due, or charged for, by ``since`` and not later; from ``after`` on, in their order."""
    later = (
        select(LateFee.id)
        .where(
            LateFee.organisation_id == organisation_id,
            LateFee.invoice_id == Invoice.id,
            (LateFee.to_on > since) | (LateFee.status == "pending"),
        )
        .exists()
    )
    statement = (
        select(Invoice.id)
        .join(
            Contact, (Contact.organisation_id == Invoice.organisation_id) & (Contact.id == Invoice.contact_id)
        )
        .where(
            *_may_be_charged(organisation_id, today),
            _is_known(organisation_id),
            Invoice.due_on <= since,
            ~later,
        )
        .order_by(Invoice.id)
        .limit(most)
    )
    return list(session.scalars(statement.where(Invoice.id > after) if after else statement))


def _is_known(organisation_id: str) -> ColumnElement[bool]:
    return (
        select(LatePaymentTerms.contact_id)
        .where(
            LatePaymentTerms.organisation_id == organisation_id,
            LatePaymentTerms.contact_id == Invoice.contact_id,
            LatePaymentTerms.kind.is_not(None),
            LatePaymentTerms.kind != "individual",
        )
        .exists()
    )


def _may_be_charged(organisation_id: str, today: date) -> tuple[ColumnElement[bool] | TextClause, ...]:
    held = (
        select(Hold.id)
        .where(
            Hold.organisation_id == organisation_id,
            Hold.contact_id == Invoice.contact_id,
            Hold.invoice_id.is_(None) | (Hold.invoice_id == Invoice.id),
            Hold.released_at.is_(None),
            Hold.until.is_(None) | (Hold.until >= today),
        )
        .exists()
    )
    return (
        Invoice.organisation_id == organisation_id,
        OPEN_INVOICE,
        Invoice.due_on < today,
        Contact.status == "ACTIVE",
        ~held,
        Invoice.ledger_id.not_in(_fee_documents(organisation_id)),
    )


def _fee_documents(organisation_id: str) -> Any:
    return select(LateFee.ledger_id).where(
        LateFee.organisation_id == organisation_id, LateFee.ledger_id.is_not(None)
    )


def fees_among(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> set[str]:
    """Which of these invoices are late fees of ours themselves."""
    found: set[str] = set()
    for some in slices(sorted(set(invoice_ids))):
        statement = select(Invoice.id).where(
            Invoice.organisation_id == organisation_id,
            Invoice.id.in_(some),
            Invoice.ledger_id.in_(_fee_documents(organisation_id)),
        )
        found |= set(session.scalars(statement))
    return found


def fee(session: Session, organisation_id: str, fee_id: str) -> LateFee | None:
    return session.get(LateFee, (organisation_id, fee_id))


def fees(
    session: Session,
    organisation_id: str,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
    status: str | None = None,
    invoice_id: str | None = None,
) -> Sequence[tuple[LateFee, Invoice, Contact]]:
    """Charges and waivers, the newest first."""
    statement = (
        select(LateFee, Invoice, Contact)
        .join(
            Invoice, (Invoice.organisation_id == LateFee.organisation_id) & (Invoice.id == LateFee.invoice_id)
        )
        .join(
            Contact, (Contact.organisation_id == LateFee.organisation_id) & (Contact.id == LateFee.contact_id)
        )
        .where(LateFee.organisation_id == organisation_id)
        .order_by(LateFee.created_at.desc(), LateFee.id.desc())
        .limit(limit)
    )
    if status:
        statement = statement.where(LateFee.status == status)
    if invoice_id:
        statement = statement.where(LateFee.invoice_id == invoice_id)
    if after:
        at, id_ = after
        older = (LateFee.created_at < at) | ((LateFee.created_at == at) & (LateFee.id < id_))
        statement = statement.where(older)
    return session.execute(statement).all()


def claim_next(session: Session, organisation_id: str, now: datetime, until: datetime) -> LateFee | None:
    """The oldest charge that is to be drafted, which nobody else takes before ``until``."""
    row = session.scalars(
        select(LateFee)
        .where(
            LateFee.organisation_id == organisation_id,
            LateFee.status == "pending",
            LateFee.next_try_at <= now,
        )
        .order_by(LateFee.created_at, LateFee.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row:
        row.next_try_at, row.attempts = until, row.attempts + 1
    return row


def settle(session: Session, organisation_id: str, fee_id: str, **values: Any) -> bool:
    """Change a charge that is still on its way. False: it is not any more."""
    changed = session.connection().execute(
        update(LateFee)
        .where(LateFee.organisation_id == organisation_id, LateFee.id == fee_id, LateFee.status == "pending")
        .values(**values)
    )
    return changed.rowcount == 1


def organisations_with_work(session: Session, now: datetime) -> list[str]:
    """Connected organisations with a charge that is to be drafted now."""
    pending = select(LateFee.id).where(
        LateFee.organisation_id == Organisation.id, LateFee.status == "pending", LateFee.next_try_at <= now
    )
    statement = select(Organisation.id).where(Organisation.connection == "connected", pending.exists())
    return list(session.scalars(statement.order_by(Organisation.id)))


def charging_by_itself(session: Session) -> Sequence[tuple[Organisation, LatePaymentPolicy]]:
    """Connected organisations that charge by themselves once a month."""
    statement = (
        select(Organisation, LatePaymentPolicy)
        .join(LatePaymentPolicy, LatePaymentPolicy.organisation_id == Organisation.id)
        .where(Organisation.connection == "connected", LatePaymentPolicy.charging == "monthly")
    )
    return session.execute(statement).all()


def count_waiting(session: Session, organisation_id: str) -> int:
    """How many charges are on their way into the ledger."""
    return (
        session.scalar(
            select(func.count())
            .select_from(LateFee)
            .where(LateFee.organisation_id == organisation_id, LateFee.status == "pending")
        )
        or 0
    )
