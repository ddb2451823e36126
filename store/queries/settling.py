"""What becomes of a claimed chaser: given back, sent, at an end, or left behind by a sender that died.

Every change must still find its own claim; so a process that was away for too long cannot settle what another
has taken over.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, null, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from credit_control.occasions import COURTESIES
from store.models import (
    Communication,
    Contact,
    MailEvent,
)
from store.queries import foresights
from store.queries.sending import IS_UNSETTLED, claimed_by

_REPORTED_AT = select(func.min(MailEvent.occurred_at)).where(
    MailEvent.communication_id == bindparam("chaser")
)
_MESSAGE_LEFT = (
    update(Contact)
    .where(Contact.organisation_id == bindparam("organisation"), Contact.id == bindparam("contact"))
    .values(last_message_at=bindparam("now"), next_look_at=bindparam("now"))
)
_COURTESY_LEFT = (
    update(Contact)
    .where(Contact.organisation_id == bindparam("organisation"), Contact.id == bindparam("contact"))
    .values(last_courtesy_at=bindparam("now"), next_look_at=bindparam("now"))
)
_SETTLE_SENT = (
    update(Communication)
    .where(
        Communication.organisation_id == bindparam("organisation"), Communication.id == bindparam("chaser")
    )
    .values(
        status=case((IS_UNSETTLED, "sent"), else_=Communication.status),
        reason=case((IS_UNSETTLED, null()), else_=Communication.reason),
        claim=case((IS_UNSETTLED, null()), else_=Communication.claim),
        provider_id=bindparam("provider"),
        sent_at=func.coalesce(Communication.sent_at, bindparam("now", type_=Communication.sent_at.type)),
    )
)
"""Built once, because every mail needs them: to build such a statement takes longer than to execute it."""


def release(session: Session, organisation_id: str, claim: str, ids: Collection[str], reason: str) -> None:
    """Back to planned: nothing was handed over, and it is to be tried again."""
    session.connection().execute(
        claimed_by(organisation_id, claim)
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
    statement = claimed_by(organisation_id, claim).where(Communication.id == chaser_id)
    return _changed(session, statement.values(status=status, reason=reason, checked_at=checked_at))


def take_back(session: Session, organisation_id: str, claim: str, chaser_id: str, reason: str) -> bool:
    """Back to planned, because it surely was not taken; False when it is no longer ours."""
    statement = claimed_by(organisation_id, claim).where(Communication.id == chaser_id)
    return _changed(
        session,
        statement.values(status="planned", reason=reason, claim=None, claimed_at=None, handed_over_at=None),
    )


def set_aside(session: Session, organisation_id: str, chaser_id: str, status: str, reason: str) -> None:
    """What was just taken back is not to be tried again by itself."""
    session.connection().execute(
        update(Communication)
        .where(Communication.organisation_id == organisation_id, Communication.id == chaser_id)
        .values(status=status, reason=reason)
    )


def put_off(session: Session, organisation_id: str, chaser_id: str, until: datetime) -> None:
    """What was just taken back is not tried again before then."""
    session.connection().execute(
        update(Communication)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id == chaser_id,
            Communication.status == "planned",
        )
        .values(planned_for=until)
    )


def settle_sent(
    session: Session, organisation_id: str, chaser_id: str, provider_id: str, now: datetime
) -> None:
    """The provider took it. What its events have said of it meanwhile stays."""
    names = {"organisation": organisation_id, "chaser": chaser_id}
    session.connection().execute(_SETTLE_SENT, names | {"provider": provider_id, "now": now})


def abandoned(session: Session, before: datetime) -> list[tuple[str, str]]:
    """Chasers that somebody began to send before that moment and never settled, as (organisation, id)."""
    rows = session.execute(
        select(Communication.organisation_id, Communication.id)
        .where(IS_UNSETTLED, Communication.status == "sending", Communication.claimed_at < before)
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


def reported_at(session: Session, chaser_id: str) -> datetime | None:
    """When the provider told us of this mail, although we have not sent it: before a backup was restored, say."""
    return session.connection().scalar(_REPORTED_AT, {"chaser": chaser_id})


def message_left(
    session: Session, organisation_id: str, contact_id: str, now: datetime, kind: str = "chaser"
) -> None:
    """A message of this kind left to this contact just now, or perhaps did."""
    names = {"organisation": organisation_id, "contact": contact_id}
    statement = _COURTESY_LEFT if kind in COURTESIES else _MESSAGE_LEFT
    session.connection().execute(statement, names | {"now": now})
    foresights.forget(session, organisation_id, [contact_id])


def _changed(session: Session, statement: Any) -> bool:
    result: CursorResult[Any] = session.connection().execute(statement)
    return result.rowcount == 1
