"""What a sender leaves behind that ends with chasers in hand: killed, asleep for too long, or cut off.

Before the hand-over nothing has left, and the chaser is planned again. After it nobody can know, and it is ``unknown``.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from kit import clock
from kit.wording import N_
from services import waiting
from services.app import App
from store.models import Communication
from store.queries import sending, settling

FAULT = N_("A fault in Dunnock keeps this from being sent; the log tells more. Nothing left.")
STOPPED_BEFORE = N_("The sending was interrupted before anything left; it is tried again.")
_STOPPED_AFTER = N_(
    "The sending was interrupted while the mail provider was being called, so nobody can know whether it left. "
    "It is not sent again by itself; a report of the provider will settle it."
)
_ABANDONED = timedelta(seconds=90)
"""Longer than any one call takes; who is still at it says so between two calls."""
_MOST_INTERRUPTIONS = 5
"""After so many senders that ended with a chaser in hand, it is held for a person to look at."""


def settle(app: App) -> list[str]:
    """Settle what a dead process left behind; returns the organisations concerned."""
    before = clock.now() - _ABANDONED
    with app.database.read_across() as session:
        found = settling.abandoned(session, before)
    for organisation_id, chaser_id in found:
        with app.database.write(organisation_id) as session:
            sending.lock_organisation(session, organisation_id)
            row = settling.still_abandoned(session, organisation_id, chaser_id, before)
            if row is not None:
                _settle(session, row)
                waiting.join(session, organisation_id)
    return sorted({organisation_id for organisation_id, _ in found})


def _settle(session: Session, row: Communication) -> None:
    if row.handed_over_at is None:
        row.interruptions += 1
        ends_its_senders = row.interruptions >= _MOST_INTERRUPTIONS
        row.status, row.reason = ("held", FAULT) if ends_its_senders else ("planned", STOPPED_BEFORE)
        row.claim = row.claimed_at = None
        return
    settling.message_left(session, row.organisation_id, row.contact_id, row.handed_over_at, row.kind)
    row.status, row.reason, row.claim = "unknown", _STOPPED_AFTER, None
