"""A person settles a reply: what it asks for is done, its hold ends, and all of it can be taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import holds, reply_acts, reply_work
from services.reply_acts import CHOICES, Act, Terms
from services.reply_work import Said
from services.understanding import Meaning
from store.models import Communication, Organisation, Reply
from store.queries import planning, sending
from store.queries import replies as queries

ANSWERED, SEEN = "answered", "seen"
_NOT_PROVEN = N_(
    "Nothing proves that this came from whom it names, so it cannot be accepted as it stands. Ring the customer, then"
    " say what it is."
)


def acceptable(reply: Reply) -> bool:
    """Whether what a reply seems to mean can be done without a further word of a person."""
    if not reply.proven or reply.details.get("which") == reply_acts.UNSAID:
        return False
    if reply.meaning == Meaning.WILL_PAY:
        return bool(reply.details.get("on"))
    if reply.meaning == Meaning.WRONG_PERSON:
        return bool(reply.details.get("address") and reply.details.get("person"))
    return reply.meaning in (Meaning.PAID, Meaning.DISPUTE)


def settle(
    session: Session,
    organisation: Organisation,
    reply_id: str,
    as_: str,
    *,
    by: str,
    now: datetime,
    terms: Terms | None = None,
    suggested: bool = False,
    keep_hold: bool = False,
) -> Reply:
    """Settle a reply as one of ``reply_acts.CHOICES``, within the caller's change, who rings for planning and notes.

    ``suggested``: with what was made out of it, instead of ``terms``; not where nothing shows whose it is, because
    then a person has to say what it has found out. Its hold ends with the last reply of the contact that waits, unless
    it is to be kept. ``UserError`` when the reply waits no more, or what is asked for cannot be done.
    """
    if as_ not in (*CHOICES, ANSWERED):
        raise UserError(
            _(
                "A reply is settled as one of %(choices)s; “%(as_)s” is none of them.",
                choices=", ".join(CHOICES),
                as_=as_,
            )
        )
    reply = _locked(session, organisation, reply_id)
    if reply.state != "waiting":
        raise UserError(_("This reply has been settled already; undo that first."))
    if suggested and not reply.proven and as_ != SEEN:
        raise UserError(_(_NOT_PROVEN))
    terms = reply_acts.suggested(session, reply, as_) if suggested else terms or Terms()
    act = Act(session, organisation, reply, terms, by, now)
    if reply.done and as_ not in (reply.meaning, SEEN, ANSWERED):
        reply_acts.undo(act, reply.meaning)
        reply.done = {}
    already = dict(reply.done)
    if as_ in (SEEN, ANSWERED) or already:
        done = already
    else:
        done = reply_acts.do(act, as_)
    reply.state, reply.settled_as, reply.settled_by, reply.settled_at = "settled", as_, by, now
    reply.done = {**done, "of": reply.meaning if already else as_} if done else {}
    session.flush()
    if not keep_hold:
        _release(session, reply, by, now)
    planning.look_again(session, organisation.id, [reply.contact_id], now)
    return reply


def undo(session: Session, organisation: Organisation, reply_id: str, *, by: str, now: datetime) -> Reply:
    """Take back what settling a reply did: it waits again, and its contact is held. An answer that has left stays so.

    ``UserError`` when it waits anyway, or something was built on it meanwhile.
    """
    reply = _locked(session, organisation, reply_id)
    if reply.state == "waiting":
        raise UserError(_("This reply has not been settled, so there is nothing to undo."))
    if reply.done:
        reply_acts.undo(Act(session, organisation, reply, Terms(), by, now), reply.done["of"])
    reply.state, reply.done = "waiting", {}
    reply.settled_as = reply.settled_by = reply.settled_at = None
    session.flush()
    mail = session.get_one(Communication, (organisation.id, reply_id))
    said = Said(organisation.id, reply.contact_id, reply_id, mail.body_text or "", mail.from_name or "")
    reply_work.hold_again(session, said, by, now)
    planning.look_again(session, organisation.id, [reply.contact_id], now)
    return reply


def _locked(session: Session, organisation: Organisation, reply_id: str) -> Reply:
    sending.lock_organisation(session, organisation.id)
    reply = queries.one(session, organisation.id, reply_id, lock=True)
    if reply is None:
        raise UserError(_("There is no such reply in this organisation."))
    return reply


def _release(session: Session, reply: Reply, by: str, now: datetime) -> None:
    if queries.others_wait(session, reply):
        return
    for hold in queries.reply_holds(session, reply.organisation_id, reply.contact_id):
        holds.end(session, reply.organisation_id, hold.id, by=by, now=now, noted=False)
