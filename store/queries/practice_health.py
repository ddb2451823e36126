"""How clients of a practice stand: one statement for each kind of figure, whatever the number of clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.models import Brake, Communication, Habits, Invoice, Organisation, Payment, Reply, TeamTask
from store.queries.chasers import ADDRESS, EDITED, GO, IS_HELD
from store.queries.pages import OPEN_INVOICE

Ids = Collection[str]
_FOR_A_PERSON = (GO, ADDRESS, EDITED)


def overdue(session: Session, days: Mapping[date, Ids]) -> dict[str, list[tuple[str, Decimal, int]]]:
    """By organisation: currency, what is overdue in it, and of how many invoices. ``days``: who has which day today."""
    found: dict[str, list[tuple[str, Decimal, int]]] = defaultdict(list)
    for today, ids in days.items():
        rows = session.execute(
            select(Invoice.organisation_id, Invoice.currency, func.sum(Invoice.amount_due), func.count())
            .where(Invoice.organisation_id.in_(ids), OPEN_INVOICE, Invoice.due_on < today)
            .group_by(Invoice.organisation_id, Invoice.currency)
            .order_by(Invoice.currency)
        )
        for organisation_id, currency, amount, invoices in rows:
            found[organisation_id].append((currency, amount, invoices))
    return found


def replies_waiting(session: Session, ids: Ids) -> dict[str, int]:
    """How many replies wait for a person, by organisation."""
    return _counted(session, Reply.organisation_id, Reply.organisation_id.in_(ids), Reply.state == "waiting")


def approvals_waiting(session: Session, ids: Ids) -> dict[str, int]:
    """How many messages wait for a person's yes, address or text, by organisation."""
    return _counted(
        session,
        Communication.organisation_id,
        Communication.organisation_id.in_(ids),
        IS_HELD,
        Communication.brake.in_(_FOR_A_PERSON),
    )


def tasks_due(session: Session, days: Mapping[date, Ids]) -> dict[str, int]:
    """How many tasks of anybody are due by today, by organisation."""
    due = or_(
        *(
            and_(TeamTask.organisation_id.in_(ids), TeamTask.due_on <= today)
            for today, ids in sorted(days.items())
        )
    )
    return _counted(session, TeamTask.organisation_id, due, TeamTask.finished_at.is_(None))


def brakes(session: Session, ids: Ids) -> dict[str, list[Brake]]:
    """The brakes that stand, by organisation."""
    found: dict[str, list[Brake]] = defaultdict(list)
    rows = session.scalars(
        select(Brake)
        .where(Brake.organisation_id.in_(ids), Brake.released_at.is_(None))
        .order_by(Brake.imposed_at, Brake.id)
    )
    for one in rows:
        found[one.organisation_id].append(one)
    return found


def habits(session: Session, ids: Ids) -> dict[str, Habits]:
    """What is usual for each organisation, as far as it was learned."""
    return {
        one.organisation_id: one
        for one in session.scalars(select(Habits).where(Habits.organisation_id.in_(ids)))
    }


def last_paid(session: Session, ids: Ids, reconciled: Ids, first: date, last: date) -> dict[str, date]:
    """The newest day of a payment of that time, by organisation; of those in ``reconciled`` only what is reconciled.

    Looked up at the end of each organisation's index, however many payments there are.
    """
    newest = (
        select(Payment.paid_on)
        .where(
            Payment.organisation_id == Organisation.id,
            Payment.paid_on.between(first, last),
            _counts(reconciled),
        )
        .order_by(Payment.paid_on.desc())
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
    )
    rows = session.execute(select(Organisation.id, newest).where(Organisation.id.in_(ids)))
    return {organisation_id: day for organisation_id, day in rows if day}


def last_entered(
    session: Session, ids: Ids, reconciled: Ids, first: date, now: datetime
) -> dict[str, datetime]:
    """When a payment of the days from ``first`` on was last entered or changed, by organisation."""
    rows = session.execute(
        select(Payment.organisation_id, func.max(Payment.updated_at))
        .where(
            Payment.organisation_id.in_(ids),
            Payment.paid_on >= first,
            Payment.updated_at <= now,
            _counts(reconciled),
        )
        .group_by(Payment.organisation_id)
    )
    return {organisation_id: moment for organisation_id, moment in rows if moment}


def _counts(reconciled: Ids) -> ColumnElement[bool]:
    told = or_(Payment.is_reconciled.is_(True), Payment.organisation_id.not_in(reconciled))
    return and_(Payment.status == "AUTHORISED", told)


def _counted(
    session: Session, column: InstrumentedAttribute[str], *which: ColumnElement[bool]
) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(*which).group_by(column))
    return {organisation_id: count for organisation_id, count in rows}  # noqa: C416  # rows are not pairs to mypy
