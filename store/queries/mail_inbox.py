"""What the mail provider told us and is not yet done: events of our mails, and mails that came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from store.models import InboxEvent

EVENTS = "sendgrid_events"
REPLIES = "sendgrid_inbound"
TEXT_REPORTS = "twilio_status"
TEXT_REPLIES = "twilio_inbound"
BILLING = "stripe"
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing in hand. ``attempts`` counts this one too."""

    id: int
    key: str
    payload: bytes
    received_at: datetime
    attempts: int


def is_waiting(session: Session, source: str, now: datetime) -> bool:
    """Whether anything is to be done now."""
    return session.scalars(_due(source, now).limit(1)).first() is not None


def claim(session: Session, source: str, now: datetime, *, limit: int, seconds: float) -> list[Waiting]:
    """Take some for this many seconds; what was tried before comes last and alone, as it may be bad."""
    due = _due(source, now).order_by(InboxEvent.attempts, InboxEvent.id).limit(limit)
    found = session.execute(due.add_columns(InboxEvent.attempts).with_for_update(skip_locked=True)).all()
    ids = [event_id for event_id, attempts in found if not attempts] or [row[0] for row in found[:1]]
    if not ids:
        return []
    session.connection().execute(
        update(InboxEvent)
        .where(InboxEvent.id.in_(ids))
        .values(attempts=InboxEvent.attempts + 1, next_try_at=now + timedelta(seconds=seconds))
    )
    columns = (InboxEvent.id, InboxEvent.key, InboxEvent.payload, InboxEvent.received_at, InboxEvent.attempts)
    rows = session.execute(select(*columns).where(InboxEvent.id.in_(ids)).order_by(InboxEvent.id))
    return [Waiting(*row) for row in rows]


def finish(session: Session, event_id: int, outcome: str, now: datetime, *, forget: bool = False) -> None:
    """It is done, with this outcome, or parked for this reason. ``forget`` it when it is kept elsewhere."""
    values: dict[str, object] = {"handled_at": now, "outcome": outcome}
    if forget:
        values["payload"] = b""
    session.connection().execute(update(InboxEvent).where(InboxEvent.id == event_id).values(values))


def _due(source: str, now: datetime) -> Select[int]:
    """What waits and is due; also what seems put off for long, because a clock was set back since."""
    moment = InboxEvent.next_try_at
    return select(InboxEvent.id).where(
        InboxEvent.source == source,
        InboxEvent.handled_at.is_(None),
        or_(moment <= now, moment > now + _LONGEST_WAIT),
    )
