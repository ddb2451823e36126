"""Tasks of colleagues that no step of a schedule asks for: each has an owner and a day, and is finished by a person.

What happens asks for them (a reply, a broken promise, a hold to be looked at again), and so do colleagues. Asked for
under a key, a task exists once, however often it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.words import Day
from kit.errors import UserError
from kit.ids import derived_id, new_id
from kit.wording import N_, _
from services import duty
from store.facts import policy_of
from store.models import Hold, Organisation, TeamTask
from store.queries import disputes, holds, payment_plans, senders
from store.queries import team_tasks as queries

LONGEST_WHAT = 1_000
_HANDED_OVER = N_("handed over to {0}")
_PUT_OFF = N_("put off to {0}: {1}")
_PUT_OFF_CALL = N_("put off to {0}")
_PUT_BACK = N_("put back to {0}")
"""In the story of a task, which is kept in English."""
_WAS = "was"
"""In the story: the day (ISO) from which it was put off; None: it was made for that."""
_NO_SUCH = N_("There is no such task in this organisation.")
_STILL_HELD = N_(
    "The hold is still in force: release it, which finishes this task, or put the task off to another day."
)
_DISPUTED = N_(
    "The dispute is still open: settle or withdraw it, which finishes this task, or put the task off to another day."
)
_PLAN_RESTS = N_(
    "Its payment plan still keeps everybody from being chased: change or end the plan, which finishes this task,"
    " or put the task off to another day."
)


Change = Callable[[Session, str], object]
"""Something that is done with a task within a change, by somebody."""


class TaskKind(StrEnum):
    REPLY = "reply"
    BOUNCE = "bounce"
    DISPUTE = "dispute"
    PROMISE = "promise"
    PAID_CLAIM = "paid_claim"
    HOLD = "hold"
    CALL = "call"
    """Somebody is to be called again on a day that was named."""
    CREDIT = "credit"
    """A customer owes more than its limit."""
    OWN = "own"


def ask(
    session: Session,
    organisation_id: str,
    *,
    kind: TaskKind,
    what: str,
    due_on: date,
    by: str,
    now: datetime,
    owner_id: str | None = None,
    contact_id: str | None = None,
    invoice_id: str | None = None,
    communication_id: str | None = None,
    hold_id: str | None = None,
    key: str | None = None,
) -> TeamTask:
    """Ask for something to be done by a day, within the caller's change.

    The same ``key`` is the same task, even if it was finished since. Without an owner it is whoever looks after the
    customer, else who is in charge. ``UserError`` when nothing is asked for, or of who is no member.
    """
    words = " ".join(what.split())[:LONGEST_WHAT]
    if not words:
        raise UserError(_("Say what is to be done."))
    return queries.add(
        session,
        {
            "organisation_id": organisation_id,
            "id": _id(organisation_id, key) if key else new_id(),
            "kind": kind.value,
            "what": words,
            "due_on": due_on,
            "owner_id": duty.owner(session, organisation_id, contact_id, owner_id),
            "contact_id": contact_id,
            "invoice_id": invoice_id,
            "communication_id": communication_id,
            "hold_id": hold_id,
            "asked_by": by,
            "asked_at": now,
            "story": [],
        },
    )


def finish(session: Session, organisation_id: str, task_id: str, *, by: str, now: datetime) -> TeamTask:
    """It is done; done twice changes nothing.

    ``UserError`` when there is no such task, or when something would rest with nobody asked: a hold, a dispute, a plan.
    """
    task = _one(session, organisation_id, task_id)
    if problem := _still_rests(session, task, now):
        raise UserError(problem)
    _finish(session, task, by, now)
    return task


def needless(session: Session, organisation_id: str, task_id: str, *, by: str, now: datetime) -> None:
    """What asked for it is over, or asks for something else by now."""
    _finish(session, _one(session, organisation_id, task_id), by, now)


def finish_about(session: Session, organisation_id: str, *, key: str, by: str, now: datetime) -> None:
    """What was asked for under this key is done, or needless by now; nothing happens where it was never asked for."""
    task = queries.one(session, organisation_id, _id(organisation_id, key))
    if task is not None:
        _finish(session, task, by, now)


def missed_key(plan_id: str, number: int) -> str:
    """The key of the task that a missed instalment asks for."""
    return f"plan {plan_id} missed {number}"


def reopen(session: Session, organisation_id: str, task_id: str, *, by: str, now: datetime) -> TeamTask:
    """It is to be done after all; one that is open stays so. ``UserError`` when its hold is no longer in force."""
    task = _one(session, organisation_id, task_id)
    if task.hold_id and not holds.in_force(session, organisation_id, task.hold_id):
        raise UserError(
            _("The hold that this task was about has ended; put the customer on hold again instead.")
        )
    if task.finished_at is not None:
        task.finished_at = task.finished_by = None
        _tell(task, by, now, N_("reopened"))
        session.flush()
    return task


def hand_over(
    session: Session, organisation_id: str, task_id: str, *, to: str, by: str, now: datetime
) -> TeamTask:
    """A colleague sees to it from now on, and to its hold. ``UserError`` for who is no member."""
    task = _open(session, organisation_id, task_id)
    owner = duty.owner(session, organisation_id, task.contact_id, to)
    if task.owner_id != owner:
        task.owner_id = owner
        _tell(task, by, now, _HANDED_OVER.format(senders.name_of(session, to)))
        if hold := _hold(session, task):
            hold.owner_id = owner
        session.flush()
    return task


def put_off(
    session: Session, organisation_id: str, task_id: str, *, to: date, reason: str, by: str, now: datetime
) -> TeamTask:
    """It is due on another day, and so is the look at its hold. ``UserError`` without a reason, or for a day that is over."""
    task = _open(session, organisation_id, task_id)
    why = " ".join(reason.split())[:LONGEST_WHAT]
    if not why:
        raise UserError(_("Say why it is put off, so that a colleague understands it later."))
    check_day(session, organisation_id, to, now)
    was, task.due_on = task.due_on, to
    _tell(task, by, now, _PUT_OFF.format(Day(to), why), was=was.isoformat())
    if hold := _hold(session, task):
        hold.look_on = to
    session.flush()
    return task


def put_back(session: Session, organisation_id: str, task_id: str, *, by: str, now: datetime) -> TeamTask:
    """It was put off by mistake: it is due on the day on which it was before; one that was made for that is needless.

    ``UserError`` when putting it off was not the last that was done with it.
    """
    task = _open(session, organisation_id, task_id)
    last = task.story[-1] if task.story else {}
    if _WAS not in last:
        raise UserError(_("Something else was done with this task since; give it another day instead."))
    if last[_WAS] is None:
        _finish(session, task, by, now)
        return task
    task.due_on = date.fromisoformat(last[_WAS])
    _tell(task, by, now, _PUT_BACK.format(Day(task.due_on)))
    if hold := _hold(session, task):
        hold.look_on = task.due_on
    session.flush()
    return task


def made_to_put_off(task: TeamTask, by: str, now: datetime) -> None:
    """This task stands only for something that would be asked for today, and is to wait for its day."""
    _tell(task, by, now, _PUT_OFF_CALL.format(Day(task.due_on)), was=None)


def check_day(session: Session, organisation_id: str, day: date, now: datetime) -> None:
    """``UserError`` for a day on which nobody can do anything any more."""
    window = policy_of(session.get_one(Organisation, organisation_id)).window
    if day < local_day(window, now):
        raise UserError(_("That day is over already; choose today or a later one."))


def _finish(session: Session, task: TeamTask, by: str, now: datetime) -> None:
    if task.finished_at is None:
        task.finished_at, task.finished_by = now, by
        _tell(task, by, now, N_("finished"))
        session.flush()


def _open(session: Session, organisation_id: str, task_id: str) -> TeamTask:
    task = _one(session, organisation_id, task_id)
    if task.finished_at is not None:
        raise UserError(_("This task is finished; reopen it first."))
    return task


def _is_over(session: Session, hold: Hold, now: datetime) -> bool:
    """Whether its last day has passed."""
    window = policy_of(session.get_one(Organisation, hold.organisation_id)).window
    return hold.until is not None and hold.until < local_day(window, now)


def _hold(session: Session, task: TeamTask) -> Hold | None:
    return holds.in_force(session, task.organisation_id, task.hold_id) if task.hold_id else None


def _still_rests(session: Session, task: TeamTask, now: datetime) -> str | None:
    """Why this cannot be finished, as a sentence: what it is about rests until somebody decides."""
    if (hold := _hold(session, task)) and not _is_over(session, hold, now):
        return _STILL_HELD
    if task.invoice_id and task.kind == TaskKind.DISPUTE:
        dispute = disputes.open_about(session, task.organisation_id, task.invoice_id)
        if dispute and dispute.task_id == task.id:
            return _DISPUTED
    return _PLAN_RESTS if _plan_rests(session, task) else None


def _plan_rests(session: Session, task: TeamTask) -> bool:
    """Whether it is about an instalment because of which a payment plan rests until somebody decides."""
    if task.kind != TaskKind.PROMISE or task.contact_id is None:
        return False
    missed = payment_plans.missed_of(session, task.organisation_id, task.contact_id)
    return task.id in {_id(task.organisation_id, missed_key(plan_id, number)) for plan_id, number in missed}


def _id(organisation_id: str, key: str) -> str:
    return derived_id("team task", organisation_id, key)


def _one(session: Session, organisation_id: str, task_id: str) -> TeamTask:
    task = queries.one(session, organisation_id, task_id)
    if task is None:
        raise UserError(_(_NO_SUCH))
    return task


def _tell(task: TeamTask, by: str, now: datetime, what: str, **more: str | None) -> None:
    """A new list each time, because a change inside of one is not noticed."""
    task.story = [*task.story, {"at": now.isoformat(timespec="seconds"), "by": by, "what": what, **more}]
