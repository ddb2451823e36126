"""A person says whether a message left of which nobody knows it: the provider did not tell, and its report has not come.

What left is settled as the provider's report would settle it. What did not is planned anew by the rules, and only if
they still want it; an answer or a mail that a person wrote is written again by a person. Whatever was said, a later
report of the provider still counts.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services.mail_evidence import learn
from store import audit
from store.models import Communication
from store.queries import answers, mail, planning
from store.queries import unknown_mails as queries
from store.queries.chasers import BY_HAND

_ANEW = "chaser"


def may_be_settled(message: Communication) -> bool:
    """Whether a person is asked if it left."""
    return message.direction == "out" and message.status == "unknown"


def settle(session: Session, organisation_id: str, message_id: str, *, left: bool, by: str) -> None:
    """Take a person's word for it. After the commit the caller rings for notes and planning.

    To say the same again, whoever does, changes nothing. ``UserError`` when it is known already, or there is no such message.
    """
    message = mail.locked(session, organisation_id, message_id)
    if message is None:
        raise UserError(_("There is no such message of yours."))
    said = N_(f"{by} said that it left.") if left else N_(f"{by} said that it did not leave.")
    if not may_be_settled(message):
        if any(one["text"].endswith(said.removeprefix(by)) for one in message.reasons):
            return
        raise UserError(_("It is known by now what became of this message; look at its page."))
    now = clock.now()
    told = {"rule": BY_HAND, "outcome": "allows" if left else "delays", "text": said}
    message.reasons = [*message.reasons, told]
    if left:
        learn(session, message, "sent", at=message.handed_over_at or now, now=now, reason=said)
    else:
        _did_not_leave(session, message, said)
    planning.look_again(session, organisation_id, [message.contact_id], now)
    audit.note_act(
        session, organisation_id, act="said_left" if left else "said_not_left", about="mail", about_id=message_id,
        contact_id=message.contact_id,
    )  # fmt: skip


def _did_not_leave(session: Session, message: Communication, said: str) -> None:
    """Planned by rules, it is cancelled and so can be planned again; otherwise it has failed, and nobody repeats it."""
    planned = message.kind == _ANEW or message.occasion is not None
    queries.give_back(session, message)
    mail.change(session, message, status="cancelled" if planned else "failed", reason=said, claim=None)
    answer = answers.one(session, message.organisation_id, message.id) if message.kind == "answer" else None
    if answer is not None and answer.status == "unknown":
        answer.status, answer.problem = "refused", said
