"""The weekly digest: who wants it, and what a week brought that no other page asks for in this way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    Contact,
    CreditAlert,
    Invoice,
    Organisation,
    Payment,
    Person,
    PromiseToPay,
    WeeklyDigest,
)
from store.queries.morning import came
from store.queries.pages import OPEN_INVOICE
from store.queries.practices import working
from store.queries.upsert import upsert

_LEFT = ("sent", "delivered", "bounced", "unknown")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who wants the digest and works here; ``role``: what they may see."""

    person_id: str
    name: str
    email: str
    language: str | None
    role: str
    from_on: date


@dataclass(frozen=True, slots=True)
class Named:
    """A customer with an amount of one currency."""

    contact_id: str
    name: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Over:
    """A customer that came to owe more than its limit."""

    contact_id: str
    name: str
    currency: str
    exposure: Decimal
    limit: Decimal


# -- who wants it --------------------------------------------------------------------------------------


def wanting(session: Session, before: date, long_after: date) -> list[tuple[str, str]]:
    """Connected organisations, with their time zones, in which somebody's next digest may leave by ``before``.

    Or only after ``long_after``, which no digest is put off to: it was written by a clock that went wrong.
    """
    statement = (
        select(Organisation.id, Organisation.timezone)
        .where(
            Organisation.connection == "connected",
            Organisation.imported_at.is_not(None),
            Organisation.id.in_(
                select(WeeklyDigest.organisation_id).where(
                    or_(WeeklyDigest.from_on <= before, WeeklyDigest.from_on > long_after)
                )
            ),
        )
        .order_by(Organisation.id)
    )
    return [(organisation_id, zone) for organisation_id, zone in session.execute(statement)]


def readers(session: Session, organisation_id: str) -> list[Reader]:
    """Everybody who wants it and still works here, as a member or by a practice."""
    here = working(organisation_id)
    rows = session.execute(
        select(
            Person.id, Person.name, Person.email, Person.language, func.min(here.c.role), WeeklyDigest.from_on
        )
        .join(WeeklyDigest, WeeklyDigest.person_id == Person.id)
        .join(here, here.c.person_id == Person.id)
        .where(WeeklyDigest.organisation_id == organisation_id)
        .group_by(Person.id, Person.name, Person.email, Person.language, WeeklyDigest.from_on)
        .order_by(Person.id)
    )
    return [Reader(*row) for row in rows]


def wish(session: Session, organisation_id: str, person_id: str) -> WeeklyDigest | None:
    """The row by which somebody wants it."""
    return session.get(WeeklyDigest, (organisation_id, person_id))


def want(session: Session, organisation_id: str, person_id: str, from_on: date) -> None:
    """They want it, from this day on."""
    row = {"organisation_id": organisation_id, "person_id": person_id, "from_on": from_on}
    statement = upsert(session, WeeklyDigest).values(row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id", "person_id"], set_={"from_on": from_on}
        )
    )


def want_no_more(session: Session, organisation_id: str, person_id: str) -> None:
    """They do not want it (any more)."""
    session.execute(
        delete(WeeklyDigest).where(
            WeeklyDigest.organisation_id == organisation_id, WeeklyDigest.person_id == person_id
        )
    )


# -- what a week brought -------------------------------------------------------------------------------


def paid_most(session: Session, organisation_id: str, first: date, last: date, most: int) -> list[Named]:
    """By currency, the customers who paid most on these days, the largest sum first."""
    whose = func.coalesce(Payment.contact_id, Invoice.contact_id)
    amount = func.sum(Payment.amount)
    statement = (
        select(Contact.id, Contact.name, Payment.currency, amount)
        .outerjoin(
            Invoice,
            and_(Invoice.organisation_id == Payment.organisation_id, Invoice.id == Payment.invoice_id),
        )
        .join(Contact, and_(Contact.organisation_id == Payment.organisation_id, Contact.id == whose))
        .where(*came(organisation_id, first, last))
        .group_by(Contact.id, Contact.name, Payment.currency)
    )
    return _largest(session, statement, amount, most)


def newly_overdue(session: Session, organisation_id: str, first: date, last: date, most: int) -> list[Named]:
    """By currency, the customers with most still open of what was due on these days, the largest sum first."""
    amount = func.sum(Invoice.amount_due)
    statement = (
        select(Contact.id, Contact.name, Invoice.currency, amount)
        .join(
            Contact,
            and_(Contact.organisation_id == Invoice.organisation_id, Contact.id == Invoice.contact_id),
        )
        .where(Invoice.organisation_id == organisation_id, OPEN_INVOICE, Invoice.due_on.between(first, last))
        .group_by(Contact.id, Contact.name, Invoice.currency)
    )
    return _largest(session, statement, amount, most)


def _largest(session: Session, statement: Any, amount: Any, most: int) -> list[Named]:
    """The first few of each currency."""
    found: dict[str, list[Named]] = {}
    for row in session.execute(statement.order_by(amount.desc(), Contact.name, Contact.id)):
        one = Named(*row)
        some = found.setdefault(one.currency, [])
        if len(some) < most:
            some.append(one)
    return [one for currency in sorted(found) for one in found[currency]]


def promises_judged(
    session: Session, organisation_id: str, since: datetime, before: datetime
) -> list[tuple[str, Named]]:
    """The promises that were found kept or not in this time, with their state; the largest first."""
    rows = session.execute(
        select(PromiseToPay.state, Contact.id, Contact.name, PromiseToPay.currency, PromiseToPay.amount)
        .join(
            Contact,
            and_(
                Contact.organisation_id == PromiseToPay.organisation_id,
                Contact.id == PromiseToPay.contact_id,
            ),
        )
        .where(
            PromiseToPay.organisation_id == organisation_id,
            PromiseToPay.state.in_(("kept", "part_kept", "broken")),
            PromiseToPay.judged_at >= since,
            PromiseToPay.judged_at < before,
        )
        .order_by(PromiseToPay.amount.desc(), Contact.name, PromiseToPay.id)
    )
    return [
        (state, Named(contact_id, name, currency, amount))
        for state, contact_id, name, currency, amount in rows
    ]


def promised(session: Session, organisation_id: str, first: date, last: date) -> int:
    """How many promises are to be kept on these days."""
    statement = select(func.count()).where(
        PromiseToPay.organisation_id == organisation_id,
        PromiseToPay.state == "open",
        PromiseToPay.promised_on.between(first, last),
    )
    return session.scalar(statement) or 0


def reminders_sent(
    session: Session, organisation_id: str, since: datetime, before: datetime
) -> dict[str, int]:
    """By channel, the reminders that left in this time."""
    rows = session.execute(
        select(Communication.channel, func.count())
        .where(
            Communication.organisation_id == organisation_id,
            Communication.direction == "out",
            Communication.kind == "chaser",
            Communication.status.in_(_LEFT),
            Communication.sent_at >= since,
            Communication.sent_at < before,
        )
        .group_by(Communication.channel)
    )
    return {str(channel): int(count) for channel, count in rows}


def limits_broken(session: Session, organisation_id: str, since: datetime, before: datetime) -> list[Over]:
    """The customers that came to owe more than their limit in this time, the last first."""
    rows = session.execute(
        select(Contact.id, Contact.name, CreditAlert.currency, CreditAlert.exposure, CreditAlert.limit_amount)
        .join(
            Contact,
            and_(
                Contact.organisation_id == CreditAlert.organisation_id, Contact.id == CreditAlert.contact_id
            ),
        )
        .where(
            CreditAlert.organisation_id == organisation_id,
            CreditAlert.raised_at >= since,
            CreditAlert.raised_at < before,
        )
        .order_by(CreditAlert.raised_at.desc(), CreditAlert.id)
    )
    return [Over(*row) for row in rows]
