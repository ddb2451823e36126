"""Steps that a person must say go to: their chasers are planned, and held until somebody does."""

from __future__ import annotations

from sqlalchemy.orm import Session

from credit_control.decisions import Message
from kit import clock
from store.queries import chasers, planning, sending

_WAITS = "{} waits for a person to say go."


def go_asked_for(message: Message) -> str | None:
    """Why a message is held until a person says go; None: none of its steps asks for that."""
    if not any(step.needs_go for _, step in message.taken):
        return None
    names = dict.fromkeys(step.name for _, step in message.taken if step.needs_go)
    return _WAITS.format(" and ".join(f"“{name}”" for name in names))


def say_go(session: Session, organisation_id: str, chaser_id: str) -> bool:
    """Let a chaser leave that waits for this word; False when none of this id does.

    The rules look at its contact again, so it leaves only if it would still leave by them. After the commit the
    caller rings for planning.
    """
    now = clock.now()
    sending.lock_organisation(session, organisation_id)
    contact_id = chasers.let_go(session, organisation_id, chaser_id, now)
    if contact_id is None:
        return False
    planning.look_again(session, organisation_id, [contact_id], now)
    return True
