"""Sending: what is due, claiming it, and the pauses in which nothing leaves.

A chaser is claimed by a conditional update, and whatever changes it afterwards must still find its own
claim; so a process that was away for too long cannot settle, let alone send, what another has taken over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, literal_column, or_, select, update
from sqlalchemy.orm import Session

from credit_control.facts import Office
from store import calendars
from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Invoice,
    Organisation,
)
from store.queries import foresights

_IS_PLANNED: ColumnElement[bool] = literal_column("communications.status = 'planned'")
IS_UNSETTLED: ColumnElement[bool] = literal_column("communications.status IN ('sending', 'unknown')")
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
        IS_UNSETTLED,
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
    channel: str
    """email or sms"""
    kind: str
    """chaser, or a kind of ``credit_control.occasions``"""
    invoices: tuple[ClaimedInvoice, ...]


@dataclass(frozen=True, slots=True)
class TooLate:
    """A planned chaser that will miss its window, which closes at ``not_after``."""

    id: str
    contact_id: str
    office: Office | None
    not_after: datetime


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
        select(Communication.id, Contact.id, Contact.ledger_id, Communication.channel, Communication.kind)
        .join(
            Contact,
            (Communication.organisation_id == Contact.organisation_id)
            & (Communication.contact_id == Contact.id),
        )
        .where(Communication.organisation_id == organisation_id, Communication.id.in_(chaser_ids))
    )
    of_chaser = {
        chaser_id: (contact_id, ledger_id, channel, kind)
        for chaser_id, contact_id, ledger_id, channel, kind in contacts
    }
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
        claimed_by(organisation_id, claim)
        .where(Communication.id.in_(ids), Communication.handed_over_at.is_(None))
        .values(checked_at=checked_at, claimed_at=now)
    )


def claimed_by(organisation_id: str, claim: str) -> Any:
    """A change of what this claim holds and of nothing else; its values are to be added."""
    return update(Communication).where(
        Communication.organisation_id == organisation_id,
        Communication.status == "sending",
        Communication.claim == claim,
    )


def keep_claim(session: Session, organisation_id: str, claim: str, now: datetime) -> None:
    """We are still at what we claimed and have not handed over; noted now and then, which is enough."""
    names = {"organisation": organisation_id, "our_claim": claim}
    session.connection().execute(_KEEP_CLAIM, names | {"now": now, "noted_before": now - _NOTED_EVERY})


def own(session: Session, organisation_id: str, chaser_id: str, claim: str) -> Communication | None:
    """Our claimed chaser, locked; None when it is no longer ours."""
    names = {"organisation": organisation_id, "our_claim": claim, "chaser": chaser_id}
    return session.scalars(_OWN, names).one_or_none()


def hand_over_before(session: Session, organisation_id: str, others: int) -> datetime | None:
    """When the newest chaser was handed over that has so many ``others`` after it; None: there are not so many.

    Counted along the index, so that a large cap costs a run little for each of its mails.
    """
    return session.connection().scalar(_LAST_HAND_OVERS, {"organisation": organisation_id, "others": others})


def day_before(now: datetime) -> datetime:
    """The beginning of the rolling day in which the daily cap counts."""
    return now - timedelta(hours=24)


def pause_sending(session: Session, organisation_id: str, problem: str, retry_at: datetime) -> None:
    """Nothing is tried before ``retry_at``, for the reason given."""
    session.connection().execute(
        update(Organisation)
        .where(Organisation.id == organisation_id)
        .values(sending_problem=problem, retry_sending_at=retry_at)
    )


def postpone(session: Session, organisation_id: str, until: datetime, reason: str) -> None:
    """Whatever is planned for sooner, and still in time then, may leave from ``until`` on, for the reason given."""
    session.connection().execute(
        update(Communication)
        .where(*_sooner(organisation_id, until), Communication.not_after > until)
        .values(planned_for=until, reason=reason)
    )
    foresights.forget_planned(session, organisation_id)


def too_late(session: Session, organisation_id: str, until: datetime) -> list[TooLate]:
    """Whatever is planned for sooner, and cannot leave from ``until`` on, because its window has closed by then."""
    return _slots(session, until, *_sooner(organisation_id, until), Communication.not_after <= until)


def slot_of(session: Session, organisation_id: str, chaser_id: str, until: datetime) -> list[TooLate]:
    """The same of one chaser, whether its window has closed by then or not; empty when it is not planned."""
    own = (Communication.organisation_id == organisation_id, Communication.id == chaser_id, _IS_PLANNED)
    return _slots(session, until, *own)


def _slots(session: Session, until: datetime, *conditions: ColumnElement[bool]) -> list[TooLate]:
    rows = session.execute(
        select(
            Communication.id,
            Communication.contact_id,
            Communication.not_after,
            Contact.country,
            Contact.place,
            Contact.timezone,
        )
        .join(
            Contact,
            (Communication.organisation_id == Contact.organisation_id)
            & (Communication.contact_id == Contact.id),
        )
        .where(*conditions)
    )
    years = calendars.years_known()
    return [
        TooLate(chaser_id, contact_id, calendars.office_of(country, place, zone, years), not_after or until)
        for chaser_id, contact_id, not_after, country, place, zone in rows
    ]


def put_off(
    session: Session, organisation_id: str, anew: Mapping[str, tuple[datetime, datetime, str]]
) -> None:
    """Plan these chasers for another time: from when to when each may leave, and why."""
    if not anew:
        return
    session.connection().execute(
        update(Communication)
        .where(Communication.organisation_id == organisation_id, Communication.id == bindparam("chaser"))
        .values(
            planned_for=bindparam("from_then"),
            not_after=bindparam("to_then"),
            reason=bindparam("why"),
            at_once_by=None,
        ),
        [
            {"chaser": chaser_id, "from_then": planned_for, "to_then": not_after, "why": reason}
            for chaser_id, (planned_for, not_after, reason) in anew.items()
        ],
    )


def _sooner(organisation_id: str, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Communication.organisation_id == organisation_id,
        _IS_PLANNED,
        Communication.planned_for < until,
    )


def sending_works(session: Session, organisation_id: str) -> None:
    """There is no problem any more."""
    session.connection().execute(
        update(Organisation)
        .where(Organisation.id == organisation_id, Organisation.retry_sending_at.is_not(None))
        .values(sending_problem=None, retry_sending_at=None)
    )
