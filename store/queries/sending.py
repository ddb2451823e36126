"""Sending: claiming what is due, and every later change of a claimed chaser.

A chaser is claimed by a conditional update, and whatever changes it afterwards must still find its own
claim; so a process that was away for too long cannot settle, let alone send, what another has taken over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Invoice,
    MailEvent,
    Organisation,
)

_IS_PLANNED: ColumnElement[bool] = literal_column("communications.status = 'planned'")
_IS_UNSETTLED: ColumnElement[bool] = literal_column("communications.status IN ('sending', 'unknown')")
_CHASES = (Organisation.connection == "connected", Organisation.chasing.in_(("dry_run", "live")))

_NOTED_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class ClaimedInvoice:
    id: str
    ledger_id: str
    number: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A chaser that is ours to handle, as long as its claim stands."""

    id: str
    contact_id: str
    contact_ledger_id: str
    invoices: tuple[ClaimedInvoice, ...]


def organisations_to_send(session: Session, now: datetime) -> list[str]:
    """Connected organisations that chase, have a chaser due, and do not wait after a problem."""
    planned = _is_due(now).where(Communication.organisation_id == Organisation.id)
    statement = select(Organisation.id).where(*_CHASES, _may_try(now), planned.exists())
    return list(session.scalars(statement.order_by(Organisation.id)))


def is_due(session: Session, organisation_id: str, now: datetime) -> bool:
    """Whether this organisation has a chaser that may leave now."""
    ready = exists().where(Organisation.id == organisation_id, *_CHASES, _may_try(now))
    planned = _is_due(now).where(Communication.organisation_id == organisation_id)
    return bool(session.scalar(select(ready & planned.exists())))


def _is_due(now: datetime) -> Any:
    return select(Communication.id).where(_IS_PLANNED, Communication.planned_for <= now)


def _may_try(now: datetime) -> Any:
    return or_(Organisation.retry_sending_at.is_(None), Organisation.retry_sending_at <= now)


def lock_organisation(session: Session, organisation_id: str) -> Organisation:
    """The organisation, which nobody else can change, count or send for until our change is done."""
    statement = select(Organisation).where(Organisation.id == organisation_id)
    return session.scalars(statement.with_for_update(key_share=True)).one()


def expire(session: Session, organisation_id: str, now: datetime) -> list[tuple[str, str, str | None]]:
    """Chasers whose window has closed before they left, as (id, contact, reason), locked."""
    rows = session.execute(
        select(Communication.id, Communication.contact_id, Communication.reason)
        .where(
            Communication.organisation_id == organisation_id,
            _IS_PLANNED,
            Communication.planned_for <= now,
            Communication.not_after <= now,
        )
        .with_for_update(skip_locked=True)
    )
    return [(chaser_id, contact_id, reason) for chaser_id, contact_id, reason in rows]


def claim(
    session: Session, organisation_id: str, now: datetime, claim: str, most_invoices: int
) -> list[Claimed]:
    """Take the chasers that are due, oldest first, until they are about so many invoices (but at least one)."""
    ids = session.scalars(
        select(Communication.id)
        .where(
            Communication.organisation_id == organisation_id,
            _IS_PLANNED,
            Communication.planned_for <= now,
            Communication.not_after > now,
        )
        .order_by(Communication.planned_for, Communication.id)
        .limit(most_invoices)
    ).all()
    taken: list[Claimed] = []
    for chaser_id in ids:
        one = _claimed(session, organisation_id, chaser_id)
        if taken and _invoices(taken) + len(one.invoices) > most_invoices:
            break
        if _claim(session, organisation_id, chaser_id, now, claim):
            taken.append(one)
    return taken


def _invoices(claimed: Sequence[Claimed]) -> int:
    return sum(len(one.invoices) for one in claimed)


def _claim(session: Session, organisation_id: str, chaser_id: str, now: datetime, claim: str) -> bool:
    return _changed(
        session,
        update(Communication)
        .where(Communication.organisation_id == organisation_id, Communication.id == chaser_id, _IS_PLANNED)
        .values(
            status="sending", claim=claim, claimed_at=now, checked_at=None, handed_over_at=None, reason=None
        ),
    )


def _claimed(session: Session, organisation_id: str, chaser_id: str) -> Claimed:
    contact_id, contact_ledger_id = session.execute(
        select(Contact.id, Contact.ledger_id)
        .join(
            Communication,
            (Communication.organisation_id == Contact.organisation_id)
            & (Communication.contact_id == Contact.id),
        )
        .where(Communication.organisation_id == organisation_id, Communication.id == chaser_id)
    ).one()
    invoices = session.execute(
        select(Invoice.id, Invoice.ledger_id, Invoice.number)
        .join(
            CommunicationInvoice,
            (CommunicationInvoice.organisation_id == Invoice.organisation_id)
            & (CommunicationInvoice.invoice_id == Invoice.id),
        )
        .where(
            CommunicationInvoice.organisation_id == organisation_id,
            CommunicationInvoice.communication_id == chaser_id,
            CommunicationInvoice.position.is_not(None),
        )
        .order_by(Invoice.id)
    )
    return Claimed(chaser_id, contact_id, contact_ledger_id, tuple(ClaimedInvoice(*row) for row in invoices))


def checked(
    session: Session,
    organisation_id: str,
    claim: str,
    ids: Collection[str],
    checked_at: datetime,
    now: datetime,
) -> None:
    """Note when the ledger was asked about these; and that we are still at it."""
    session.connection().execute(
        _mine(organisation_id, claim)
        .where(Communication.id.in_(ids), Communication.handed_over_at.is_(None))
        .values(checked_at=checked_at, claimed_at=now)
    )


def keep_claim(session: Session, organisation_id: str, claim: str, now: datetime) -> None:
    """We are still at what we claimed and have not handed over; noted now and then, which is enough."""
    session.connection().execute(
        _mine(organisation_id, claim)
        .where(
            _IS_UNSETTLED,
            Communication.handed_over_at.is_(None),
            Communication.claimed_at < now - _NOTED_EVERY,
        )
        .values(claimed_at=now)
    )


def own(session: Session, organisation_id: str, chaser_id: str, claim: str) -> Communication | None:
    """Our claimed chaser, locked; None when it is no longer ours."""
    return session.scalars(
        select(Communication)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id == chaser_id,
            Communication.status == "sending",
            Communication.claim == claim,
            Communication.handed_over_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()


def release(session: Session, organisation_id: str, claim: str, ids: Collection[str], reason: str) -> None:
    """Back to planned: nothing was handed over, and it is to be tried again."""
    session.connection().execute(
        _mine(organisation_id, claim)
        .where(Communication.id.in_(ids), Communication.handed_over_at.is_(None))
        .values(status="planned", reason=reason, claim=None, claimed_at=None)
    )


def settle(
    session: Session,
    organisation_id: str,
    claim: str,
    chaser_id: str,
    status: str,
    reason: str,
    now: datetime,
) -> bool:
    """The end of a claimed chaser; False when it is no longer ours to settle."""
    checked_at = func.coalesce(Communication.checked_at, now)
    statement = _mine(organisation_id, claim).where(Communication.id == chaser_id)
    return _changed(session, statement.values(status=status, reason=reason, checked_at=checked_at))


def take_back(session: Session, organisation_id: str, claim: str, chaser_id: str, reason: str) -> bool:
    """Back to planned, because it surely was not taken; False when it is no longer ours."""
    statement = _mine(organisation_id, claim).where(Communication.id == chaser_id)
    return _changed(
        session,
        statement.values(status="planned", reason=reason, claim=None, claimed_at=None, handed_over_at=None),
    )


def settle_sent(
    session: Session, organisation_id: str, chaser_id: str, provider_id: str, now: datetime
) -> None:
    """The provider took it. What its events have said of it meanwhile stays."""
    row = (Communication.organisation_id == organisation_id, Communication.id == chaser_id)
    session.connection().execute(
        update(Communication).where(*row, _IS_UNSETTLED).values(status="sent", reason=None, claim=None)
    )
    session.connection().execute(
        update(Communication)
        .where(*row)
        .values(provider_id=provider_id, sent_at=func.coalesce(Communication.sent_at, now))
    )


def _mine(organisation_id: str, claim: str) -> Any:
    return update(Communication).where(
        Communication.organisation_id == organisation_id,
        Communication.status == "sending",
        Communication.claim == claim,
    )


def abandoned(session: Session, before: datetime) -> list[tuple[str, str]]:
    """Chasers that somebody began to send before that moment and never settled, as (organisation, id)."""
    rows = session.execute(
        select(Communication.organisation_id, Communication.id)
        .where(_IS_UNSETTLED, Communication.status == "sending", Communication.claimed_at < before)
        .order_by(Communication.organisation_id, Communication.id)
    )
    return [(organisation_id, chaser_id) for organisation_id, chaser_id in rows]


def still_abandoned(
    session: Session, organisation_id: str, chaser_id: str, before: datetime
) -> Communication | None:
    """The chaser, locked, if still nobody has settled it."""
    statement = select(Communication).where(
        Communication.organisation_id == organisation_id,
        Communication.id == chaser_id,
        Communication.status == "sending",
        Communication.claimed_at < before,
    )
    return session.scalars(statement.with_for_update()).one_or_none()


def handed_over_since(session: Session, organisation_id: str, since: datetime) -> list[datetime]:
    """When the chasers of the time since then were handed over, oldest first."""
    return [
        moment
        for moment in session.scalars(
            select(Communication.handed_over_at)
            .where(
                Communication.organisation_id == organisation_id,
                Communication.handed_over_at > since,
                Communication.kind == "chaser",
            )
            .order_by(Communication.handed_over_at)
        )
        if moment is not None
    ]


def reported_at(session: Session, chaser_id: str) -> datetime | None:
    """When the provider told us of this mail, although we have not sent it: before a backup was restored, say."""
    return session.scalar(
        select(func.min(MailEvent.occurred_at)).where(MailEvent.communication_id == chaser_id)
    )


def message_left(session: Session, organisation_id: str, contact_id: str, now: datetime) -> None:
    """A chaser left to this contact just now, or perhaps did."""
    session.connection().execute(
        update(Contact)
        .where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
        .values(last_message_at=now, next_look_at=now)
    )


def pause_sending(session: Session, organisation_id: str, problem: str, retry_at: datetime) -> None:
    """Nothing is tried before ``retry_at``, for the reason given."""
    session.connection().execute(
        update(Organisation)
        .where(Organisation.id == organisation_id)
        .values(sending_problem=problem, retry_sending_at=retry_at)
    )


def postpone(
    session: Session, organisation_id: str, planned_for: datetime, not_after: datetime, reason: str
) -> None:
    """Whatever is planned for sooner may leave from ``planned_for`` on, for the reason given."""
    session.connection().execute(
        update(Communication)
        .where(
            Communication.organisation_id == organisation_id,
            _IS_PLANNED,
            Communication.planned_for < planned_for,
        )
        .values(planned_for=planned_for, not_after=not_after, reason=reason)
    )


def sending_works(session: Session, organisation_id: str) -> None:
    """There is no problem any more."""
    session.connection().execute(
        update(Organisation)
        .where(Organisation.id == organisation_id, Organisation.retry_sending_at.is_not(None))
        .values(sending_problem=None, retry_sending_at=None)
    )


def day_before(now: datetime) -> datetime:
    """The beginning of the rolling day in which the daily cap counts."""
    return now - timedelta(hours=24)


def _changed(session: Session, statement: Any) -> bool:
    result: CursorResult[Any] = session.connection().execute(statement)
    return result.rowcount == 1
