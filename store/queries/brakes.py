"""Brakes: those that stand, the chasers they hold, and the figures by which they are judged."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam, exists, func, literal_column, select, update
from sqlalchemy.orm import Session

from store.models import Brake, Communication, Habits, Installation, Invoice, Organisation, Payment
from store.queries.chasers import IS_HELD, IS_WAITING
from store.queries.upsert import insert_new, upsert

_IS_PLANNED: ColumnElement[bool] = literal_column("communications.status = 'planned'")
_THE_ONE = 1

_STANDING = (
    select(Brake)
    .where(Brake.organisation_id == bindparam("organisation"), Brake.released_at.is_(None))
    .order_by(Brake.imposed_at, Brake.id)
)
_INSTALLATION = select(Installation).where(Installation.id == _THE_ONE)
_HABITS = select(Habits).where(Habits.organisation_id == bindparam("organisation"))
"""Built once, because every hand-over asks them."""


def standing(session: Session, organisation_id: str) -> list[Brake]:
    """The organisation's brakes that nobody has released."""
    return list(session.scalars(_STANDING, {"organisation": organisation_id}))


def last_released(session: Session, organisation_id: str, kind: str | None = None) -> Brake | None:
    """The brake (of this kind) that was released last."""
    statement = select(Brake).where(Brake.organisation_id == organisation_id, Brake.released_at.is_not(None))
    if kind:
        statement = statement.where(Brake.kind == kind)
    return session.scalars(statement.order_by(Brake.released_at.desc()).limit(1)).first()


def installation(session: Session) -> Installation | None:
    """What holds for all organisations; None: nothing was ever said."""
    return session.scalars(_INSTALLATION).one_or_none()


def installation_to_change(session: Session) -> Installation:
    """The same, to be changed."""
    session.connection().execute(insert_new(session, Installation), {"id": _THE_ONE})
    return session.get_one(Installation, _THE_ONE, with_for_update=True)


def habits(session: Session, organisation_id: str) -> Habits | None:
    """What was last learned of the organisation."""
    return session.scalars(_HABITS, {"organisation": organisation_id}).one_or_none()


def keep_habits(session: Session, learned: dict[str, object]) -> None:
    """Keep what was learned of an organisation; of several who learn at the same time the last one stays."""
    kept = upsert(session, Habits).values(learned)
    session.connection().execute(kept.on_conflict_do_update(index_elements=["organisation_id"], set_=learned))


# -- the chasers that a brake holds --------------------------------------------------------------------


def hold_planned(
    session: Session, organisation_id: str, kind: str, reason: str, *, unapproved_alone: bool = False
) -> None:
    """Hold what is planned, for the reason given."""
    statement = update(Communication).where(Communication.organisation_id == organisation_id, _IS_PLANNED)
    if unapproved_alone:
        statement = statement.where(Communication.approved_at.is_(None))
    session.flush()
    session.connection().execute(statement.values(status="held", brake=kind, reason=reason))


def organisations_planned(session: Session) -> list[str]:
    """The organisations that chase live and have something planned."""
    planned = exists().where(Communication.organisation_id == Organisation.id, _IS_PLANNED)
    statement = select(Organisation.id).where(Organisation.chasing == "live", planned)
    return list(session.scalars(statement.order_by(Organisation.id)))


def held_contacts(session: Session, organisation_id: str, kind: str) -> list[str]:
    """The contacts of the chasers that a brake holds."""
    held = _held(organisation_id, kind)
    return list(session.scalars(select(Communication.contact_id).where(*held).distinct()))


def organisations_held(session: Session, kind: str) -> list[str]:
    """The organisations of which a brake holds chasers."""
    statement = select(Communication.organisation_id).where(IS_HELD, Communication.brake == kind)
    return sorted(session.scalars(statement.distinct()))


def approve_held(session: Session, organisation_id: str, kind: str, now: datetime) -> None:
    """A person has said yes to the chasers that this brake holds."""
    session.connection().execute(
        update(Communication).where(*_held(organisation_id, kind)).values(approved_at=now)
    )


def _held(organisation_id: str, kind: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Communication.organisation_id == organisation_id,
        IS_HELD,
        Communication.brake == kind,
    )


def unapproved_waiting(session: Session, organisation_id: str, before: datetime) -> int:
    """Chasers that may leave before that moment, and that nobody has said yes to."""
    return _count(
        session,
        Communication.organisation_id == organisation_id,
        IS_WAITING,
        Communication.status.in_(("planned", "sending")),
        Communication.handed_over_at.is_(None),
        Communication.planned_for < before,
        *_UNAPPROVED,
    )


def unapproved_left(session: Session, organisation_id: str, since: datetime) -> int:
    """Chasers handed over since that moment that nobody had said yes to."""
    return _count(
        session,
        Communication.organisation_id == organisation_id,
        Communication.handed_over_at >= since,
        *_UNAPPROVED,
    )


_UNAPPROVED = (Communication.kind == "chaser", Communication.approved_at.is_(None))


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Communication).where(*conditions)) or 0


# -- what is usual -------------------------------------------------------------------------------------


def busiest_due(session: Session, organisation_id: str, first: date, last: date) -> int:
    """Most customers with an invoice that falls due on one day of these."""
    per_day = (
        select(func.count(Invoice.contact_id.distinct()).label("customers"))
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.due_on.between(first, last),
            Invoice.status.in_(("AUTHORISED", "PAID")),
        )
        .group_by(Invoice.due_on)
        .subquery()
    )
    return session.scalar(select(func.max(per_day.c.customers))) or 0


def hand_overs(session: Session, organisation_id: str, since: datetime, before: datetime) -> list[datetime]:
    """When chasers were handed over in that time."""
    found = session.scalars(
        select(Communication.handed_over_at).where(
            Communication.organisation_id == organisation_id,
            Communication.handed_over_at >= since,
            Communication.handed_over_at < before,
            Communication.kind == "chaser",
        )
    )
    return [moment for moment in found if moment]


def reconciles(session: Session, organisation_id: str, since: date) -> bool:
    """Whether the ledger has marked any payment of that time as reconciled."""
    found = exists().where(*_payments(organisation_id, True), Payment.paid_on >= since)
    return bool(session.scalar(select(found)))


def payment_days(
    session: Session, organisation_id: str, first: date, last: date, *, reconciled: bool
) -> list[date]:
    """The days of that time on which customers paid; ``reconciled`` leaves out what is not reconciled."""
    statement = select(Payment.paid_on).where(
        *_payments(organisation_id, reconciled), Payment.paid_on.between(first, last)
    )
    return list(session.scalars(statement.distinct()))


def last_paid(
    session: Session, organisation_id: str, first: date, last: date, *, reconciled: bool
) -> date | None:
    """The newest day of a payment of that time. What is dated ahead of it is a slip, and tells nothing."""
    return session.scalar(
        select(func.max(Payment.paid_on)).where(
            *_payments(organisation_id, reconciled), Payment.paid_on.between(first, last)
        )
    )


def last_entered(
    session: Session, organisation_id: str, first: date, now: datetime, *, reconciled: bool
) -> datetime | None:
    """When a payment of the days from ``first`` on was last entered or changed."""
    return session.scalar(
        select(func.max(Payment.updated_at)).where(
            *_payments(organisation_id, reconciled), Payment.paid_on >= first, Payment.updated_at <= now
        )
    )


def _payments(organisation_id: str, reconciled: bool) -> tuple[ColumnElement[bool], ...]:
    mine: tuple[ColumnElement[bool], ...] = (
        Payment.organisation_id == organisation_id,
        Payment.status == "AUTHORISED",
    )
    return (*mine, Payment.is_reconciled.is_(True)) if reconciled else mine
