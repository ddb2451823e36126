"""Ending what was planned, because something said that nothing is to leave."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kit import clock
from store.queries import chasers, planning, sending


def cancel_all(session: Session, organisation_id: str, reason: str) -> int:
    """Cancel every chaser that has not left; the number cancelled."""
    return len(chasers.stop(session, organisation_id, reason))


def cancel_for_contact(session: Session, organisation_id: str, contact_id: str, reason: str) -> int:
    """Cancel what has not left to a contact, and have the rules look at it again; the number cancelled."""
    sending.lock_organisation(session, organisation_id)
    planning.look_again(session, organisation_id, [contact_id], clock.now())
    return len(chasers.stop(session, organisation_id, reason, contact_id=contact_id))
