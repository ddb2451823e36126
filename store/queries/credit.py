"""Limits of credit, what is owed against them, and alerts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_control.credit.limits import Use
from store.models import Contact, Credit, CreditAlert, CreditLimit, Invoice
from store.queries.batches import slices
from store.queries.pages import OPEN_INVOICE

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A customer with a limit, how far it is used, and whether it is exceeded since when."""

    contact_id: str
    contact_name: str
    use: Use
    decision: CreditLimit
    alert: CreditAlert | None


def limits(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[tuple[str, str], CreditLimit]:
    """The decisions that stand, by contact and currency."""
    found: dict[tuple[str, str], CreditLimit] = {}
    for some in slices(sorted(set(contact_ids))):
        rows = session.scalars(
            select(CreditLimit).where(
                CreditLimit.organisation_id == organisation_id,
                CreditLimit.contact_id.in_(some),
                CreditLimit.stands,
            )
        )
        found |= {(row.contact_id, row.currency): row for row in rows}
    return found


def history(session: Session, organisation_id: str, contact_id: str) -> Sequence[CreditLimit]:
    """All decisions on a customer, the newest first."""
    return session.scalars(
        select(CreditLimit)
        .where(CreditLimit.organisation_id == organisation_id, CreditLimit.contact_id == contact_id)
        .order_by(CreditLimit.decided_at.desc(), CreditLimit.id)
    ).all()


def owed(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """By contact and currency: what is due of its open invoices, and its credits that are not used."""
    found: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for some in slices(sorted(set(contact_ids))):
        due = session.execute(
            select(Invoice.contact_id, Invoice.currency, func.sum(Invoice.amount_due))
            .where(Invoice.organisation_id == organisation_id, Invoice.contact_id.in_(some), OPEN_INVOICE)
            .group_by(Invoice.contact_id, Invoice.currency)
        )
        for contact_id, currency, amount in due:
            found[contact_id, currency] = (amount, _NOTHING)
        unused = session.execute(
            select(Credit.contact_id, Credit.currency, func.sum(Credit.remaining))
            .where(
                Credit.organisation_id == organisation_id,
                Credit.contact_id.in_(some),
                Credit.status == "AUTHORISED",
                Credit.remaining > 0,
            )
            .group_by(Credit.contact_id, Credit.currency)
        )
        for contact_id, currency, amount in unused:
            found[contact_id, currency] = (found.get((contact_id, currency), (_NOTHING,))[0], amount)
    return found


def standing_alerts(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[tuple[str, str], CreditAlert]:
    """The alerts that go on, by contact and currency."""
    found: dict[tuple[str, str], CreditAlert] = {}
    for some in slices(sorted(set(contact_ids))):
        rows = session.scalars(
            select(CreditAlert).where(
                CreditAlert.organisation_id == organisation_id,
                CreditAlert.contact_id.in_(some),
                CreditAlert.ended_at.is_(None),
            )
        )
        found |= {(row.contact_id, row.currency): row for row in rows}
    return found


def alerts_of(session: Session, organisation_id: str, contact_id: str) -> Sequence[CreditAlert]:
    """All alerts of a customer, the newest first."""
    return session.scalars(
        select(CreditAlert)
        .where(CreditAlert.organisation_id == organisation_id, CreditAlert.contact_id == contact_id)
        .order_by(CreditAlert.raised_at.desc(), CreditAlert.id)
    ).all()


def newest(
    session: Session, organisation_id: str, contact_id: str, currency: str, among: Collection[str]
) -> Invoice | None:
    """Of these invoices the one that was issued last and is open; None: none of them is."""
    rows = session.scalars(
        select(Invoice)
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.contact_id == contact_id,
            Invoice.currency == currency,
            OPEN_INVOICE,
        )
        .order_by(Invoice.issued_on.desc(), Invoice.number.desc(), Invoice.id)
    )
    return next((one for one in rows if one.id in among), None)


def use_of(amounts: tuple[Decimal, Decimal] | None, currency: str, limit: CreditLimit | None) -> Use:
    """How far a limit is used by what is owed."""
    due, unused = amounts or (_NOTHING, _NOTHING)
    return Use(currency, limit.amount if limit else None, due, unused)


def lines(session: Session, organisation_id: str) -> list[LimitLine]:
    """All customers with a limit, those who use most of it first."""
    rows = session.execute(
        select(CreditLimit, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == CreditLimit.organisation_id) & (Contact.id == CreditLimit.contact_id),
        )
        .where(
            CreditLimit.organisation_id == organisation_id,
            CreditLimit.stands,
            CreditLimit.amount.is_not(None),
            Contact.status != "ERASED",
        )
    ).all()
    ids = {limit.contact_id for limit, _ in rows}
    amounts = owed(session, organisation_id, ids)
    alerts = standing_alerts(session, organisation_id, ids)
    found = []
    for limit, name in rows:
        key = (limit.contact_id, limit.currency)
        use = use_of(amounts.get(key), limit.currency, limit)
        found.append(LimitLine(limit.contact_id, name, use, limit, alerts.get(key)))
    return sorted(found, key=_by_use)


def _by_use(line: LimitLine) -> tuple[bool, Decimal, str, str]:
    """A limit of nought of which something is used is used most of all."""
    use = line.use
    share = use.share if use.share is not None else _NOTHING
    return (not (use.exceeded and not use.limit), -share, line.contact_name, use.currency)
