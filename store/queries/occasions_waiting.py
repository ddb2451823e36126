"""Mails that no step sends, as pages and the outlook show them: those that wait, with what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from store.models import Communication, CommunicationInvoice, Contact, Invoice
from store.queries.batches import slices
from store.queries.chasers import IS_WAITING

_KINDS = tuple(kind.value for kind in OccasionKind)


@dataclass(frozen=True, slots=True)
class About:
    """An invoice of a mail, with what was open on it when the mail was planned."""

    invoice_id: str
    number: str
    currency: str
    amount_due: Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail beside chasers that is planned, held, or leaving just now."""

    id: str
    contact_id: str
    contact_name: str
    kind: str
    name: str | None
    status: str
    reason: str | None
    brake: str | None
    planned_for: datetime | None
    to: tuple[str, ...]
    about: tuple[About, ...]
    reasons: list[dict[str, Any]]


def waiting(
    session: Session,
    organisation_id: str,
    most: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    id_: str | None = None,
) -> list[Waiting]:
    """The first of those that wait, in the order in which they leave: of a time, or the one with this id."""
    statement = (
        select(Communication, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(*_waiting(organisation_id, since, until))
        .order_by(Communication.planned_for, Communication.id)
        .limit(most)
    )
    rows = session.execute(statement.where(Communication.id == id_) if id_ else statement).all()
    about = _about(session, organisation_id, [row.id for row, _ in rows])
    return [
        Waiting(
            row.id,
            row.contact_id or "",
            contact_name,
            row.kind,
            row.step_name,
            row.status,
            row.reason,
            row.brake,
            row.planned_for,
            tuple(row.to),
            tuple(about[row.id]),
            list(row.reasons),
        )
        for row, contact_name in rows
    ]


def count_waiting(
    session: Session, organisation_id: str, since: datetime | None = None, until: datetime | None = None
) -> int:
    """How many mails beside chasers wait, those outside of this time left out."""
    mine = _waiting(organisation_id, since, until)
    return session.scalar(select(func.count()).select_from(Communication).where(*mine)) or 0


def count_by_day(session: Session, organisation_id: str, ends: Sequence[datetime]) -> list[int]:
    """How many of them wait for each of the days that end so, one after the other; what is late, for the first."""
    planned_for = Communication.planned_for
    counts = [
        func.count().filter(planned_for < end, *([planned_for >= start] if start else ()))
        for start, end in pairwise([None, *ends])
        if end
    ]
    return list(session.execute(select(*counts).where(*_waiting(organisation_id, None, None))).one())


def _waiting(
    organisation_id: str, since: datetime | None, until: datetime | None
) -> tuple[ColumnElement[bool], ...]:
    return (
        Communication.organisation_id == organisation_id,
        IS_WAITING,
        Communication.kind.in_(_KINDS),
        *([Communication.planned_for >= since] if since else ()),
        *([Communication.planned_for < until] if until else ()),
    )


def _about(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, list[About]]:
    found: dict[str, list[About]] = defaultdict(list)
    its = CommunicationInvoice
    for some in slices(ids):
        rows = session.execute(
            select(its.communication_id, its.invoice_id, Invoice.number, its.currency, its.amount_due)
            .join(Invoice, (Invoice.organisation_id == its.organisation_id) & (Invoice.id == its.invoice_id))
            .where(its.organisation_id == organisation_id, its.communication_id.in_(some))
            .order_by(Invoice.due_on, Invoice.number)
        )
        for row in rows:
            found[row[0]].append(About(row[1], row[2], row[3], row[4]))
    return found
