"""Chasers that a person must say yes to: they are planned, and held until somebody does.

Steps say so themselves; and an organisation can want to be asked about more than those.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from credit_control.decisions import Message, Outcome
from credit_control.occasions import OccasionKind
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services.books import Desk
from store import audit
from store.queries import by_hand, chasers, planning, sending
from store.queries.chasers import WaitingChaser

_WAITS = N_("{0} waits for a person to say go.")
_EVERY = N_("It waits for a person’s yes, as every message does here.")
NOBODY_SAID_YES = N_("Nobody had said yes when its sending window closed, so it comes again in the next one.")
_FORMAL = N_("It is a formal letter, so it waits for a person’s yes.")
_TAKEN_BACK = N_("{0} took the yes back, so it waits for a person to say go.")
_ABOUT_ADDRESSES = frozenset({"to_whom", "address"})


class Approval(StrEnum):
    """Which chasers wait for a yes beside those of steps that say so."""

    OFF = "off"
    FORMAL_STEPS = "formal_steps"
    """Those whose text begins a conversation of its own, as the formal notice does."""
    EVERY_MESSAGE = "every_message"


def go_asked_for(message: Message, desk: Desk) -> str | None:
    """Why a message is held until a person says yes; None: nobody has to be asked."""
    names = dict.fromkeys(step.name for _, step in message.taken if step.needs_go)
    if names:
        return _WAITS.format(" and ".join(f"“{name}”" for name in names))
    if desk.organisation.approval == Approval.EVERY_MESSAGE:
        return _EVERY
    if any(step.template in desk.formal_texts for _, step in message.taken):
        return _FORMAL
    return None


def waits_for(message: Message, desk: Desk, stored: WaitingChaser | None) -> str | None:
    """Which word of a person a message waits for, of whatever kind; None: it leaves by itself.

    ``stored`` is the same message as it stands in the database, where it may have been said yes to already.
    """
    edited = stored.reason if stored and stored.brake == chasers.EDITED else None
    go = None if stored and stored.approved else go_asked_for(message, desk)
    addresses = (
        one.text for one in message.reasons if one.rule in _ABOUT_ADDRESSES and one.outcome is Outcome.DELAYS
    )
    return " ".join(filter(None, (edited, go, *addresses))) or None


def yes_asked_for(kind: OccasionKind, desk: Desk) -> str | None:
    """The same for a mail that no step sends. Of a campaign a person has seen each mail before it was started."""
    if desk.organisation.approval == Approval.EVERY_MESSAGE and kind is not OccasionKind.CAMPAIGN:
        return _EVERY
    return None


def say_go(session: Session, organisation_id: str, chaser_id: str, by: str) -> bool:
    """Let a chaser leave that waits for this word; False when none of this id does.

    The rules look at its contact again, so it leaves only if it would still leave by them. After the commit the
    caller rings for planning.
    """
    now = clock.now()
    sending.lock_organisation(session, organisation_id)
    contact_id = chasers.let_go(session, organisation_id, chaser_id, now)
    if contact_id is None:
        return False
    told = {"rule": chasers.BY_HAND, "outcome": "allows", "text": N_(f"{by} said yes to it.")}
    by_hand.say(session, organisation_id, chaser_id, told)
    planning.look_again(session, organisation_id, [contact_id], now)
    audit.note_act(
        session, organisation_id, act="approved", about="mail", about_id=chaser_id, contact_id=contact_id
    )
    return True


def take_back(session: Session, organisation_id: str, chaser_id: str, by: str) -> None:
    """A yes was a slip: the chaser waits for one again. ``UserError`` when it is on its way, or nobody had said yes."""
    now = clock.now()
    sending.lock_organisation(session, organisation_id)
    contact_id = chasers.take_go_back(session, organisation_id, chaser_id, _TAKEN_BACK.format(by))
    if contact_id is None:
        raise UserError(
            _("It is too late to take this back: the mail has left, is leaving, or has changed since.")
        )
    told = {"rule": chasers.BY_HAND, "outcome": "delays", "text": _TAKEN_BACK.format(by)}
    by_hand.say(session, organisation_id, chaser_id, told)
    planning.look_again(session, organisation_id, [contact_id], now)
    audit.note_act(
        session, organisation_id, act="taken_back", about="mail", about_id=chaser_id, contact_id=contact_id
    )
