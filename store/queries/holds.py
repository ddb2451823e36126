"""Holds in force, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from store.models import Contact, Hold, Invoice, Organisation, PaidClaimInvoice, Reply, TeamTask

_REPLY_WAITS = (
    select(Reply.communication_id)
    .where(
        Reply.organisation_id == Hold.organisation_id,
        Reply.contact_id == Hold.contact_id,
        literal_column("replies.state = 'waiting'"),
    )
    .exists()
)
_CLAIM_RESTS = (
    select(PaidClaimInvoice.claim_id)
    .where(PaidClaimInvoice.organisation_id == Hold.organisation_id, PaidClaimInvoice.hold_id == Hold.id)
    .exists()
)
_UNASKED = (
    Hold.released_at.is_(None),
    Hold.until.is_(None) | (Hold.look_on < Hold.until),
    ~select(TeamTask.id)
    .where(TeamTask.organisation_id == Hold.organisation_id, TeamTask.hold_id == Hold.id)
    .exists(),
    (Hold.kind != "reply") | ~_REPLY_WAITS,
    (Hold.kind != "paid_claim") | ~_CLAIM_RESTS,
)
"""In force, not ended by its own last day before anybody would look, and nobody is asked about it.

What waits in the inbox is asked for there: a reply reminds its owner, and a payment that does not show has its own task.
"""


def contact_of(
    session: Session, organisation_id: str, contact_id: str | None, invoice_id: str | None
) -> str | None:
    """The contact that a hold would concern; None when contact or invoice do not exist, or do not belong together."""
    if invoice_id:
        found = session.scalar(
            select(Invoice.contact_id).where(
                Invoice.organisation_id == organisation_id, Invoice.id == invoice_id
            )
        )
        return found if contact_id in (None, found) else None
    return session.scalar(
        select(Contact.id).where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
    )


def in_force(session: Session, organisation_id: str, hold_id: str) -> Hold | None:
    """A hold that nobody has released, locked."""
    return session.scalars(
        select(Hold)
        .where(Hold.organisation_id == organisation_id, Hold.id == hold_id, Hold.released_at.is_(None))
        .with_for_update()
    ).one_or_none()


def first_unasked_looks(session: Session) -> list[tuple[str, str, date]]:
    """Of each organisation, with its time zone, the first day on which a hold is looked at that nobody is asked about."""
    statement = (
        select(Hold.organisation_id, Organisation.timezone, func.min(Hold.look_on))
        .join(Organisation, Organisation.id == Hold.organisation_id)
        .where(*_UNASKED)
        .group_by(Hold.organisation_id, Organisation.timezone)
        .order_by(Hold.organisation_id)
    )
    return [(organisation_id, zone, day) for organisation_id, zone, day in session.execute(statement)]


def looks_due(session: Session, organisation_id: str, today: date, most: int) -> Sequence[Hold]:
    """Holds in force that are to be looked at again by today, and that nobody has been asked to look at."""
    statement = select(Hold).where(
        Hold.organisation_id == organisation_id,
        *_UNASKED,
        Hold.look_on <= today,
        Hold.until.is_(None) | (Hold.until >= today),
    )
    return session.scalars(statement.order_by(Hold.look_on, Hold.id).limit(most)).all()


_ENDED = (
    TeamTask.finished_at.is_(None),
    Hold.organisation_id == TeamTask.organisation_id,
    Hold.id == TeamTask.hold_id,
)


def ended_looks(session: Session, today: date, organisation_id: str | None = None) -> list[tuple[str, str]]:
    """Organisation and hold of open tasks whose hold is over: released, or past its last day."""
    statement = select(TeamTask.organisation_id, Hold.id).where(
        *_ENDED, Hold.released_at.is_not(None) | (Hold.until < today)
    )
    if organisation_id:
        statement = statement.where(TeamTask.organisation_id == organisation_id)
    return [(home, hold_id) for home, hold_id in session.execute(statement)]


def release(hold: Hold, by: str, now: datetime) -> None:
    """End a hold."""
    hold.released_at, hold.released_by = now, by
