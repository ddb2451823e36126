"""The chasers beside which a mail that no step sends has to find its place."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from credit_control.decisions import ContactDecision, Message
from services.books import Desk
from services.go import go_asked_for
from store.queries import chasers
from store.queries.chasers import WaitingChaser


def about_to_leave(
    session: Session, desk: Desk, decisions: Mapping[str, ContactDecision]
) -> dict[str, Message]:
    """The chasers that leave unless something comes between, by contact.

    One that waits for a person, or is held by anything else, is none: nobody knows whether it ever leaves.
    """
    messages = {one: decision.message for one, decision in decisions.items() if decision.message}
    waiting = chasers.waiting_chasers(session, desk.organisation.id, list(messages)) if messages else ()
    stored = {row.contact_id: row for row in waiting}
    return {one: message for one, message in messages.items() if _goes(message, stored.get(one), desk)}


def _goes(message: Message, stored: WaitingChaser | None, desk: Desk) -> bool:
    if stored is not None and (stored.status == "held" or stored.approved):
        return stored.status != "held"
    return go_asked_for(message, desk) is None
