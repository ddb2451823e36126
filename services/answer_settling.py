"""What comes of a reply by answering it. What an answer says is done before it leaves, so that it is never untrue.

The drafts for some meanings tell the customer that it will not be reminded, or that somebody else is asked. With such a
text chasing does not simply go on: what the reply says is accepted, or it waits for a person and nothing leaves meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import settling_replies
from services.understanding import Meaning
from store.models import Organisation, Reply

_PROMISING = frozenset({Meaning.PAID, Meaning.WILL_PAY, Meaning.DISPUTE, Meaning.WRONG_PERSON})
"""Their drafts say what will be or not be done; and who wrote such a reply expects it of any other answer as well."""
_NOT_KEPT = N_(
    "The text that you began with tells the customer what will be done. Accept what the reply says, let it wait, or"
    " begin with a few plain words."
)


class Ending(StrEnum):
    """What comes of a reply that is answered."""

    ACCEPTED = "accepted"
    """What it says is done at once, as if somebody had accepted it."""
    ANSWERED = "answered"
    """It is settled once the answer has left, and chasing goes on."""
    WAITS = "waits"
    """It waits for a person as before, and nothing leaves."""


def endings(reply: Reply | None, begun_with: str) -> tuple[Ending, ...]:
    """What can come of a reply by an answer that began with the draft for this meaning, the likeliest first.

    None: there is nothing left to come of it.
    """
    promising = begun_with in _PROMISING
    if reply is None or not (reply.state == "waiting" or (promising and _nothing_done(reply))):
        return ()
    accepted: tuple[Ending, ...] = ()
    if settling_replies.acceptable(reply) and (not promising or begun_with == reply.meaning):
        accepted = (Ending.ACCEPTED,)
    if promising:
        return (*accepted, Ending.WAITS)
    if reply.meaning in _PROMISING:
        return (*accepted, Ending.WAITS, Ending.ANSWERED)
    return (Ending.ANSWERED, Ending.WAITS)


def keeps_its_word(reply: Reply | None, meaning: str) -> bool:
    """Whether the draft for this meaning can be offered: what it promises follows from this reply, or can."""
    return meaning not in _PROMISING or (
        reply is not None and bool(reply.done or endings(reply, meaning) or reply.settled_as == meaning)
    )


def settle(
    session: Session,
    organisation: Organisation,
    reply: Reply | None,
    ending: Ending | None,
    begun_with: str,
    *,
    by: str,
    now: datetime,
) -> bool:
    """Do what is to come of the reply (None: the likeliest). Whether it is settled once the answer has left.

    Within the caller's change, who rings for planning and notes. ``UserError`` where the answer would break its word.
    """
    possible = endings(reply, begun_with)
    if reply is None or not possible:
        return False
    chosen = possible[0] if ending is None else ending
    if chosen not in possible:
        raise UserError(_(_NOT_KEPT))
    reply_id, meaning = reply.communication_id, reply.meaning
    if reply.state != "waiting":
        settling_replies.undo(session, organisation, reply_id, by=by, now=now)
    if chosen is Ending.ACCEPTED:
        settling_replies.settle(session, organisation, reply_id, meaning, by=by, now=now, suggested=True)
    return chosen is Ending.ANSWERED


def _nothing_done(reply: Reply) -> bool:
    """Settled by a look or an answer alone, so that nothing rests."""
    return reply.settled_as in (settling_replies.SEEN, settling_replies.ANSWERED) and not reply.done
