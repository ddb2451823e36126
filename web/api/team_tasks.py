"""Tasks of colleagues: listed, made, handed over, put off, finished and reopened."""

from __future__ import annotations

from flask import abort
from msgspec import UNSET, convert
from sqlalchemy.orm import Session

from services import doors, notebook, team_tasks
from services.notices import task_asked
from store import models
from store.queries import holds
from store.queries import team_tasks as queries
from web.api import asked_team_tasks as asked
from web.api.caller import Caller
from web.api.paging import after_due, cut
from web.api.shapes import Page
from web.api.shapes import team_tasks as shapes

_NONE_SUCH = "There is no such task."


def list_team_tasks(caller: Caller, session: Session, query: asked.TeamTasks) -> Page[shapes.TeamTask]:
    """What colleagues are to do, those due first at the top. Calls, letters and reviews are at ``/tasks``."""
    rows = queries.lines(
        session,
        caller.organisation_id,
        owner_id=query.owner_id,
        contact_id=query.contact_id,
        kind=query.kind,
        finished=query.finished,
        after=after_due(query),
        limit=query.limit + 1,
    )
    tasks = [row.task for row in rows]
    shown, following = cut(tasks, query, lambda task: (task.due_on.isoformat(), task.id))
    return Page(items=[_told(task) for task in shown], next_cursor=following)


def ask_for_task(caller: Caller, session: Session, body: asked.AskForTask) -> shapes.TeamTask:
    """Ask a colleague for something by a day. The colleague is told by a notice."""
    about = (body.contact_id, body.invoice_id)
    if any(about) and holds.contact_of(session, caller.organisation_id, *about) is None:
        abort(404, "There is no such contact, or no such invoice of it.")
    task = notebook.ask_colleague(
        session,
        caller.organisation(session),
        what=body.what,
        due_on=body.due_on,
        by=caller.name,
        by_id=None,
        now=caller.now,
        home=caller.app.settings.public_url,
        owner_id=body.owner_id,
        contact_id=body.contact_id,
        invoice_id=body.invoice_id,
    )
    caller.ring_later(doors.NOTICES)
    return _told(task)


def change_team_task(caller: Caller, session: Session, id_: str, body: asked.ChangeTask) -> shapes.TeamTask:
    """Hand a task over, or put it off to another day with the reason. A hold that it is about goes with it."""
    task = _task(caller, session, id_)
    who = {"by": caller.name, "now": caller.now}
    if body.due_on is not UNSET:
        reason = body.reason or ""
        team_tasks.put_off(session, caller.organisation_id, id_, to=body.due_on, reason=reason, **who)  # type: ignore[arg-type]  # by and now
    if body.owner_id is not UNSET and body.owner_id != task.owner_id:
        team_tasks.hand_over(session, caller.organisation_id, id_, to=body.owner_id, **who)  # type: ignore[arg-type]  # by and now
        task_asked(session, caller.organisation(session), caller.app.settings.public_url, task)
        caller.ring_later(doors.NOTICES)
    return _told(task)


def finish_team_task(caller: Caller, session: Session, id_: str) -> shapes.TeamTask:
    """It is done. 422 while what it is about rests: a hold in force, an open dispute, a plan with a missed instalment."""
    _task(caller, session, id_)
    return _told(team_tasks.finish(session, caller.organisation_id, id_, by=caller.name, now=caller.now))


def reopen_team_task(caller: Caller, session: Session, id_: str) -> shapes.TeamTask:
    """It is to be done after all."""
    _task(caller, session, id_)
    return _told(team_tasks.reopen(session, caller.organisation_id, id_, by=caller.name, now=caller.now))


def _task(caller: Caller, session: Session, id_: str) -> models.TeamTask:
    return queries.one(session, caller.organisation_id, id_) or abort(404, _NONE_SUCH)


def _told(task: models.TeamTask) -> shapes.TeamTask:
    return convert(task, shapes.TeamTask, from_attributes=True)
