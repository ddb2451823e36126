"""Taking back what was done with mails of the queue: a hold, a yes, a mail that was left out; each by itself.

What comes back waits for the rules as before: nothing leaves by an undo that would not have left without what it undoes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors, go, holds
from services.app import App
from services.queue_actions import HELD, SKIPPED, SKIPPED_BESIDE, YES, Result
from services.records import record
from store import audit
from store.models import Communication, Contact, Hold
from store.queries import occasions, planning, replies, sending, steps

_UNKNOWN = N_("This cannot be taken back; look at the queue, and do there what is needed.")
_NOT_LEFT_OUT = N_("This mail is not left out any more; somebody may have taken it back already.")


def take_back(app: App, organisation_id: str, undos: Sequence[str], by: str) -> list[Result]:
    """Take each of these back (``Result.undo``); what became of it. Safe to repeat: what is back already says so."""
    results = [_one(app, organisation_id, one, by) for one in dict.fromkeys(undos)]
    if any(one.done for one in results):
        for door in (doors.PLAN, doors.NOTES):
            app.soft_doorbell.ring(door, organisation_id)
    return results


def _one(app: App, organisation_id: str, undo: str, by: str) -> Result:
    kind, _unused, id_ = undo.partition("-")
    way, who = _WAYS.get(kind), ""
    if way is None:
        return Result(undo, False, _(_UNKNOWN))
    try:
        with app.database.write(organisation_id) as session:
            sending.lock_organisation(session, organisation_id)
            who = _who(session, organisation_id, kind, id_)
            return Result(undo, True, way(session, organisation_id, id_, by, clock.now()), who)
    except UserError as problem:
        return Result(undo, False, str(problem), who)


def _who(session: Session, organisation_id: str, kind: str, id_: str) -> str:
    row: Hold | Communication | None
    if kind == HELD:
        row = session.get(Hold, (organisation_id, id_))
    else:
        row = session.get(Communication, (organisation_id, id_))
    if row is None:
        raise UserError(_(_UNKNOWN))
    return session.get_one(Contact, (organisation_id, row.contact_id)).name


def _release(session: Session, organisation_id: str, hold_id: str, by: str, now: datetime) -> str:
    holds.end(session, organisation_id, hold_id, by=by, now=now)
    return N_("The hold is taken back; what was to leave is planned again.")


def _unsay(session: Session, organisation_id: str, mail_id: str, by: str, _now: datetime) -> str:
    go.take_back(session, organisation_id, mail_id, by)
    return N_("The yes is taken back; the mail waits for one again.")


def _take_in(session: Session, organisation_id: str, entry_id: str, by: str, now: datetime) -> str:
    """Its steps are before its invoices again. Where the ledger was told that it is left out, it is told of this too."""
    entry = session.get_one(Communication, (organisation_id, entry_id))
    if not steps.take_in_again(session, organisation_id, entry_id):
        raise UserError(_(_NOT_LEFT_OUT))
    if entry.channel == "note":
        about = replies.about(session, organisation_id, entry_id)
        outcome = N_("Left out by mistake, and taken back.")
        record(
            session, organisation_id, entry.contact_id, about, channel="note", text=None, by=by, now=now,
            outcome=outcome,
        )  # fmt: skip
    return _back(session, entry, now)


def _take_in_beside(session: Session, organisation_id: str, mail_id: str, _by: str, now: datetime) -> str:
    if not occasions.take_in_again(session, organisation_id, mail_id):
        raise UserError(_(_NOT_LEFT_OUT))
    return _back(session, session.get_one(Communication, (organisation_id, mail_id)), now)


def _back(session: Session, entry: Communication, now: datetime) -> str:
    planning.look_again(session, entry.organisation_id, [entry.contact_id], now)
    audit.note_act(
        session, entry.organisation_id, act="taken_up_again", about="mail", about_id=entry.id,
        contact_id=entry.contact_id,
    )  # fmt: skip
    return N_("It is not left out any more; the rules decide about it anew.")


_WAYS: Final[dict[str, Callable[[Session, str, str, str, datetime], str]]] = {
    HELD: _release,
    YES: _unsay,
    SKIPPED: _take_in,
    SKIPPED_BESIDE: _take_in_beside,
}
