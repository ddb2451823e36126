"""Sending: claiming what is due, and every later change of a claimed chaser.

A chaser is claimed by a conditional update, and whatever changes it afterwards must still find its own
claim; so a process that was away for too long cannot settle, let alone send, what another has taken over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, literal_column, null, or_, select, update
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
from store.queries import foresights

_IS_PLANNED: ColumnElement[bool] = literal_column("communications.status = 'planned'")
_IS_UNSETTLED: ColumnElement[bool] = literal_column("communications.status IN ('sending', 'unknown')")
_CHASES = (Organisation.connection == "connected", Organisation.chasing.in_(("dry_run", "live")))

_LOCKED_ORGANISATION = (
    select(Organisation).where(Organisation.id == bindparam("organisation")).with_for_update(key_share=True)
)
"""Built once, because every change of a chaser begins with it."""

_NOTED_EVERY = timedelta(seconds=10)
_MINE = (
    Communication.organisation_id == bindparam("organisation"),
    Communication.status == "sending",
    Communication.claim == bindparam("our_claim"),
)
_KEEP_CLAIM = (
    update(Communication)
    .where(
        *_MINE,
        _IS_UNSETTLED,
        Communication.handed_over_at.is_(None),
        Communication.claimed_at < bindparam("noted_before"),
    )
    .values(claimed_at=bindparam("now"))
)
_OWN = (
    select(Communication)
    .where(*_MINE, Communication.id == bindparam("chaser"), Communication.handed_over_at.is_(None))
    .with_for_update()
)
_LAST_HAND_OVERS = (
    select(Communication.handed_over_at)
    .where(
        Communication.organisation_id == bindparam("organisation"), Communication.handed_over_at.is_not(None)
    )
    .order_by(Communication.handed_over_at.desc())
    .offset(bindparam("others"))
    .limit(1)
)
_REPORTED_AT = select(func.min(MailEvent.occurred_at)).where(
    MailEvent.communication_id == bindparam("chaser")
)
_MESSAGE_LEFT = (
    update(Contact)
    .where(Contact.organisation_id == bindparam("organisation"), Contact.id == bindparam("contact"))
    .values(last_message_at=bindparam("now"), next_look_at=bindparam("now"))
)
_SETTLE_SENT = (
    update(Communication)
    .where(
        Communication.organisation_id == bindparam("organisation"), Communication.id == bindparam("chaser")
    )
    .values(
        status=case((_IS_UNSETTLED, "sent"), else_=Communication.status),
        reason=case((_IS_UNSETTLED, null()), else_=Communication.reason),
        claim=case((_IS_UNSETTLED, null()), else_=Communication.claim),
        provider_id=bindparam("provider"),
        sent_at=func.coalesce(Communication.sent_at, bindparam("now", type_=Communication.sent_at.type)),
    )
)
"""Built once, because every mail needs them: to build such a statement takes longer than to execute it."""


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
    return session.scalars(_LOCKED_ORGANISATION, {"organisation": organisation_id}).one()


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
    """Take the chasers that are due, oldest first, until they are about so many invoices (but at least one).

    One whose sender ended before comes last and alone, because it may be what ends them.
    """
    ids = session.scalars(
        _leaving(organisation_id, now, most_invoices, Communication.interruptions == 0)
    ).all()
    if not ids:
        ids = session.scalars(_leaving(organisation_id, now, 1, Communication.interruptions > 0)).all()
    batch: list[Claimed] = []
    for one in _claimable(session, organisation_id, ids):
        if batch and _invoices(batch) + len(one.invoices) > most_invoices:
            break
        batch.append(one)
    taken = _claim(session, organisation_id, [one.id for one in batch], now, claim)
    return [one for one in batch if one.id in taken]


def _leaving(organisation_id: str, now: datetime, limit: int, which: ColumnElement[bool]) -> Any:
    return (
        select(Communication.id)
        .where(
            Communication.organisation_id == organisation_id,
            _IS_PLANNED,
            Communication.planned_for <= now,
            Communication.not_after > now,
            which,
        )
        .order_by(Communication.planned_for, Communication.id)
        .limit(limit)
    )


def _invoices(claimed: Sequence[Claimed]) -> int:
    return sum(len(one.invoices) for one in claimed)


def _claim(
    session: Session, organisation_id: str, chaser_ids: Collection[str], now: datetime, claim: str
) -> set[str]:
    """Those of these chasers that nobody else has taken meanwhile; they are ours from now on."""
    if not chaser_ids:
        return set()
    taken = session.connection().execute(
        update(Communication)
        .where(
            Communication.organisation_id == organisation_id, Communication.id.in_(chaser_ids), _IS_PLANNED
        )
        .values(
            status="sending", claim=claim, claimed_at=now, checked_at=None, handed_over_at=None, reason=None
        )
        .returning(Communication.id)
    )
    return {row.id for row in taken}


def _claimable(session: Session, organisation_id: str, chaser_ids: Sequence[str]) -> list[Claimed]:
    """What there is to know of these chasers before they are claimed, in the same order."""
    contacts = session.execute(
        select(Communication.id, Contact.id, Contact.ledger_id)
        .join(
            Contact,
            (Communication.organisation_id == Contact.organisation_id)
            & (Communication.contact_id == Contact.id),
        )
        .where(Communication.organisation_id == organisation_id, Communication.id.in_(chaser_ids))
    )
    of_chaser = {chaser_id: (contact_id, ledger_id) for chaser_id, contact_id, ledger_id in contacts}
    invoices: dict[str, list[ClaimedInvoice]] = defaultdict(list)
    rows = session.execute(
        select(CommunicationInvoice.communication_id, Invoice.id, Invoice.ledger_id, Invoice.number)
        .join(
            CommunicationInvoice,
            (CommunicationInvoice.organisation_id == Invoice.organisation_id)
            & (CommunicationInvoice.invoice_id == Invoice.id),
        )
        .where(
            CommunicationInvoice.organisation_id == organisation_id,
            CommunicationInvoice.communication_id.in_(chaser_ids),
            CommunicationInvoice.position.is_not(None),
        )
        .order_by(Invoice.id)
    )
    for chaser_id, *invoice in rows:
        invoices[chaser_id].append(ClaimedInvoice(*invoice))
    return [Claimed(one, *of_chaser[one], tuple(invoices[one])) for one in chaser_ids]


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
    names = {"organisation": organisation_id, "our_claim": claim}
    session.connection().execute(_KEEP_CLAIM, names | {"now": now, "noted_before": now - _NOTED_EVERY})


def own(session: Session, organisation_id: str, chaser_id: str, claim: str) -> Communication | None:
    """Our claimed chaser, locked; None when it is no longer ours."""
    names = {"organisation": organisation_id, "our_claim": claim, "chaser": chaser_id}
    return session.scalars(_OWN, names).one_or_none()


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
    names = {"organisation": organisation_id, "chaser": chaser_id}
    session.connection().execute(_SETTLE_SENT, names | {"provider": provider_id, "now": now})


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


def hand_over_before(session: Session, organisation_id: str, others: int) -> datetime | None:
    """When the newest chaser was handed over that has so many ``others`` after it; None: there are not so many.

    Counted along the index, so that a large cap costs a run little for each of its mails.
    """
    return session.connection().scalar(_LAST_HAND_OVERS, {"organisation": organisation_id, "others": others})


def reported_at(session: Session, chaser_id: str) -> datetime | None:
    """When the provider told us of this mail, although we have not sent it: before a backup was restored, say."""
    return session.connection().scalar(_REPORTED_AT, {"chaser": chaser_id})


def message_left(session: Session, organisation_id: str, contact_id: str, now: datetime) -> None:
    """A chaser left to this contact just now, or perhaps did."""
    names = {"organisation": organisation_id, "contact": contact_id}
    session.connection().execute(_MESSAGE_LEFT, names | {"now": now})
    foresights.forget(session, organisation_id, [contact_id])


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
    foresights.forget_planned(session, organisation_id)


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
