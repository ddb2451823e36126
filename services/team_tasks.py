"""Tasks of colleagues that no step of a schedule asks for: each has an owner and a day, and is finished by a person.

What happens asks for them (a reply, a broken promise, a hold to be looked at again), and so do colleagues. Asked for
under a key, a task exists once, however often it is asked for.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.ids import derived_id, new_id
from services import duty
from store.models import TeamTask
from store.queries import team_tasks as queries

LONGEST_WHAT = 1_000
_NO_SUCH = "There is no such task in this organisation."


class TaskKind(StrEnum):
    REPLY = "reply"
    BOUNCE = "bounce"
    DISPUTE = "dispute"
    PROMISE = "promise"
    PAID_CLAIM = "paid_claim"
    HOLD = "hold"
    CALL = "call"
    """Somebody is to be called again on a day that was named."""
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
        raise UserError("Say what is to be done.")
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
    """It is done; done twice changes nothing. ``UserError`` when there is no such task."""
    task = _one(session, organisation_id, task_id)
    if task.finished_at is None:
        task.finished_at, task.finished_by = now, by
        _tell(task, by, now, "finished")
        session.flush()
    return task


def finish_about(session: Session, organisation_id: str, *, key: str, by: str, now: datetime) -> None:
    """What was asked for under this key is done, or needless by now; nothing happens where it was never asked for."""
    task = queries.one(session, organisation_id, _id(organisation_id, key))
    if task is not None:
        finish(session, organisation_id, task.id, by=by, now=now)


def _id(organisation_id: str, key: str) -> str:
    return derived_id("team task", organisation_id, key)


def _one(session: Session, organisation_id: str, task_id: str) -> TeamTask:
    task = queries.one(session, organisation_id, task_id)
    if task is None:
        raise UserError(_NO_SUCH)
    return task


def _tell(task: TeamTask, by: str, now: datetime, what: str) -> None:
    """A new list each time, because a change inside of one is not noticed."""
    task.story = [*task.story, {"at": now.isoformat(timespec="seconds"), "by": by, "what": what}]
