"""What is known for sure of a mail of ours, and what follows when it turns out to have left.

A mail's status only ever moves towards what is known better; so events may come in any order, twice, or years
late, and the end is the same.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services import account_stops, answer_left, feed, notes
from store.models import Communication
from store.queries import mail

_KNOWN = {"sent": 1, "failed": 2, "delivered": 3, "bounced": 4}
"""How much a status says. All others say nothing yet: planned, held, cancelled, sending, unknown.

``failed`` is below ``delivered`` because a mail to two people can be dropped for one and reach the other.
"""
_NEWS = {
    "delivered": feed.EventKind.MESSAGE_DELIVERED,
    "bounced": feed.EventKind.MESSAGE_BOUNCED,
    "failed": feed.EventKind.MESSAGE_FAILED,
}


def better(status: str, reported: str) -> str:
    """The status after something was reported: the one that says more."""
    return reported if _KNOWN[reported] > _KNOWN.get(status, 0) else status


def learn(
    session: Session,
    chaser: Communication,
    reported: str,
    *,
    at: datetime,
    now: datetime,
    reason: str | None = None,
    provider_id: str | None = None,
) -> bool:
    """Note what became of a locked mail.

    True when this is the first sign that it left: then its steps are taken and its notes queued.
    """
    before, status = chaser.status, better(chaser.status, reported)
    left = chaser.sent_at is None and reported != "failed"
    unknown_to_us = chaser.handed_over_at is None  # it left before a backup was restored, say
    values: dict[str, object] = {}
    if status != before:
        values |= {"status": status, "reason": reason, "claim": None}
    if provider_id and not chaser.provider_id:
        values["provider_id"] = provider_id
    if left:
        values |= {"sent_at": at, "handed_over_at": chaser.handed_over_at or at}
    if values:
        mail.change(session, chaser, **values)
    if left:
        mail.take_steps(session, chaser, at)
        mail.message_left(session, chaser.organisation_id, chaser.contact_id, at, chaser.kind)
        notes.queue_for_chaser(session, chaser.organisation_id, chaser.id, now, perhaps_written=unknown_to_us)
        account_stops.warned(session, chaser.organisation_id, chaser.id, now)
        if chaser.kind == "answer":
            answer_left.settle(session, chaser, now)
    if status != before and (kind := _NEWS.get(status)):
        feed.tell_message(
            session,
            chaser.organisation_id,
            kind,
            chaser.contact_id,
            chaser.id,
            now=now,
            at=at,
            text=reason or "",
        )
    return left
