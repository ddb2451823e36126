"""What people do with the mails of the queue, one by one or many at once.

Each mail is a change of its own, so that of many those are done that can be, and of each it is told what became
of it. To ask for the same twice changes nothing more: what has been done is not in the queue any more, or says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.resting import HoldKind
from credit_control.words import Day
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import by_hand, doors, go, holds, second_eyes
from services.app import App
from services.books import Desk, desk_of
from services.by_hand import AsksAgain
from services.occasions import by_hand as beside
from services.one_mail import Found, find
from services.outlook_shapes import Beside
from services.second_eyes import Kind
from store import audit
from store.queries import sending

MOST_AT_ONCE = 200
_IN_ITS_TURN = N_(
    "Only reminders can be sent at once. A mail beside them leaves by itself in the sending hours;"
    " you can say yes to it, or leave it out."
)
_IN_THE_PAST = N_(
    "The last day of the hold lies in the past, so nothing would be on hold; choose a later one."
)


HELD, YES, SKIPPED, SKIPPED_BESIDE = "hold", "yes", "skip", "beside"
"""How what takes something back begins; the id of the hold, mail or entry follows."""


class Action(StrEnum):
    SEND_NOW = "send_now"
    SKIP = "skip"
    HOLD = "hold"
    APPROVE = "approve"


_NOTED = {Action.SEND_NOW: "sent_at_once", Action.SKIP: "left_out"}
_TITLES = {
    Action.SEND_NOW: "Send at once",
    Action.SKIP: "Leave out",
    Action.HOLD: "Put on hold the customers of",
    Action.APPROVE: "Say yes to",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done. ``reason`` goes with leaving out and holding, ``until`` with holding."""

    action: Action
    by: str
    reason: str = ""
    until: date | None = None
    """The last day of the hold; None: until somebody releases it."""
    outside_hours: bool = False
    """The second yes, to sending outside the hours in which mails leave."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one mail, in a sentence; ``who`` is its customer."""

    key: str
    done: bool
    said: str
    who: str = ""
    asks_again: bool = False
    """It can be done after a second yes to what is said."""
    undo: str = ""
    """By which it can be taken back (``services.queue_undo``); empty: it cannot."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done with one mail, in a sentence, and by what it can be taken back."""

    said: str
    undo: str = ""


def act(app: App, organisation_id: str, keys: Sequence[str], wish: Wish) -> list[Result]:
    """Do it with each of these mails. ``UserError`` when it could be done with none of them."""
    check(app, organisation_id, wish)
    if len(keys) > MOST_AT_ONCE:
        raise UserError(_("Choose at most %(most_at_once)s mails at once.", most_at_once=MOST_AT_ONCE))
    _second_yes(app, organisation_id, list(dict.fromkeys(keys)), wish)
    results = [_one(app, organisation_id, key, wish) for key in dict.fromkeys(keys)]
    if any(one.done for one in results):
        app.soft_doorbell.ring(door_of(wish.action), organisation_id)
    return results


def _second_yes(app: App, organisation_id: str, keys: list[str], wish: Wish) -> None:
    """Stop here where the organisation wants two people for so many mails at once."""
    details = {
        "keys": keys,
        "action": wish.action.value,
        "reason": wish.reason,
        "until": wish.until.isoformat() if wish.until else None,
        "outside_hours": wish.outside_hours,
    }
    title = f"{_TITLES[wish.action]} {len(keys)} mails"
    with app.database.read(organisation_id) as session:
        second_eyes.check(
            session,
            organisation_id,
            Kind.BULK,
            second_eyes.Wanted("queue", title, details),
            len(keys),
            in_parts=True,
        )


def door_of(action: Action) -> str:
    """Where to ring once it is done."""
    return doors.SEND if action is Action.SEND_NOW else doors.PLAN


def check(app: App, organisation_id: str, wish: Wish) -> None:
    """``UserError`` when a reason is missing, or a day has passed."""
    if wish.action in (Action.SKIP, Action.HOLD):
        by_hand.checked_reason(wish.reason)
    if wish.action is Action.HOLD and wish.until:
        with app.database.read(organisation_id) as session:
            today = local_day(desk_of(session, organisation_id).policy.window, clock.now())
        if wish.until < today:
            raise UserError(_(_IN_THE_PAST))


def customer_of(app: App, organisation_id: str, key: str) -> str:
    """The name of the customer to whom a mail of the queue would go; empty: it is in the queue no more."""
    with app.database.read(organisation_id) as session:
        if other := beside.find(session, organisation_id, key):
            return other.mail.contact_name
        try:
            return find(session, desk_of(session, organisation_id), key, clock.now()).mail.contact_name
        except UserError:
            return ""


def _one(app: App, organisation_id: str, key: str, wish: Wish) -> Result:
    who = ""
    try:
        with app.database.write(organisation_id) as session:
            sending.lock_organisation(session, organisation_id)
            if not second_eyes.is_left(session, key):
                return Result(key, True, N_("It was done already."))
            if other := beside.find(session, organisation_id, key):
                who = other.mail.contact_name
                done = do_beside(session, organisation_id, other, wish)
                return Result(key, True, done.said, who, undo=done.undo)
            desk = desk_of(session, organisation_id)
            found = find(session, desk, key, clock.now())
            who = found.mail.contact_name
            done = do(session, desk, found, wish)
            return Result(key, True, done.said, who, undo=done.undo)
    except AsksAgain as question:
        return Result(key, False, str(question), who, asks_again=True)
    except UserError as problem:
        return Result(key, False, str(problem), who)


def do(session: Session, desk: Desk, found: Found, wish: Wish) -> Done:
    """Do it with one mail, within the caller's change, and tell what comes of it. ``UserError`` says why it cannot be."""
    done = _do(session, desk, found, wish)
    _note(session, desk.organisation.id, found.mail.contact_id, wish)
    return done


def _note(session: Session, organisation_id: str, contact_id: str, wish: Wish) -> None:
    """A hold and a yes are noted where they are put down."""
    if act := _NOTED.get(wish.action):
        after = {"reason": "set"} if wish.reason else None
        audit.note_act(session, organisation_id, act=act, about="mail", contact_id=contact_id, after=after)


def _do(session: Session, desk: Desk, found: Found, wish: Wish) -> Done:
    now = clock.now()
    match wish.action:
        case Action.SEND_NOW:
            return Done(
                by_hand.send_now(session, desk, found, wish.by, now, outside_hours=wish.outside_hours)
            )
        case Action.SKIP:
            said, entry_id = by_hand.leave_out(session, desk, found, wish.by, wish.reason, now)
            return Done(said, f"{SKIPPED}-{entry_id}" if entry_id else "")
        case Action.APPROVE:
            return _approve(session, desk, found, wish.by)
        case Action.HOLD:
            return _hold(session, desk.organisation.id, found.mail.contact_id, wish, now)


def do_beside(session: Session, organisation_id: str, found: Beside, wish: Wish) -> Done:
    """The same with a mail that no step sends."""
    done = _do_beside(session, organisation_id, found, wish)
    _note(session, organisation_id, found.mail.contact_id, wish)
    return done


def _do_beside(session: Session, organisation_id: str, found: Beside, wish: Wish) -> Done:
    now = clock.now()
    match wish.action:
        case Action.SEND_NOW:
            raise UserError(_(_IN_ITS_TURN))
        case Action.SKIP:
            said = beside.leave_out(session, organisation_id, found, wish.by, wish.reason, now)
            return Done(said, f"{SKIPPED_BESIDE}-{found.mail.id}")
        case Action.APPROVE:
            return Done(beside.approve(session, organisation_id, found, wish.by), f"{YES}-{found.mail.id}")
        case Action.HOLD:
            return _hold(session, organisation_id, found.mail.contact_id, wish, now)


def _hold(session: Session, organisation_id: str, contact_id: str, wish: Wish, now: datetime) -> Done:
    hold = holds.put(
        session,
        organisation_id,
        contact_id,
        kind=HoldKind.PERSON,
        reason=by_hand.checked_reason(wish.reason),
        by=wish.by,
        now=now,
        until=wish.until,
    )
    return Done(_on_hold(wish.until), f"{HELD}-{hold.id}")


def _on_hold(until: date | None) -> str:
    if until is None:
        return N_("The customer is on hold. Nothing leaves to it until somebody lifts that.")
    return N_(f"The customer is on hold. Nothing leaves to it up to {Day(until)}, that day included.")


def _approve(session: Session, desk: Desk, found: Found, by: str) -> Done:
    chaser_id = found.mail.communication_id
    if chaser_id is None:
        raise UserError(
            _("It is only foreseen; it can be said yes to once it is planned, on the day its step is due.")
        )
    if found.mail.waits and not found.mail.needs_go:
        raise UserError(_("A yes to the mail is not enough. %(waits)s", waits=found.mail.waits))
    if not go.say_go(session, desk.organisation.id, chaser_id, by):
        raise UserError(_("This mail does not wait for a yes; somebody may have said it already."))
    return Done("It leaves in its turn, after one more look at the ledger.", f"{YES}-{chaser_id}")
