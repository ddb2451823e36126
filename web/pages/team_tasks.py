"""What colleagues have to do: one's own and everybody's, what is overdue first, with the forms that see to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors, notebook, team_tasks
from services.notices import task_asked
from services.roles import Right
from store.models import Organisation
from store.queries import customers, foresights, notes, senders
from store.queries import team_tasks as queries
from web import undo
from web.once import count_once
from web.security import acting_person, current_person, dunnock, local_path, member

pages = Blueprint("team_tasks", __name__, url_prefix="/organisations/<organisation_id>/to-do")

_PER_PAGE = 50
_LAST_PAGE = 10_000
_LATELY = 10
_NO_DAY = N_("Say by which day, as in 2026-11-24.")
_MINE, _ALL = "mine", "all"


@pages.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """What is to be done, overdue first."""
    return _page(organisation)


@pages.post("")
@member(Right.RECORD)
def ask(organisation: Organisation) -> ResponseReturnValue:
    """Make a task, for oneself or for a colleague, perhaps about a customer."""
    person, form = current_person() or abort(404), request.form
    contact_id = form.get("contact") or None
    try:
        with dunnock().database.write(organisation.id) as session:
            if contact_id and customers.contact(session, organisation.id, contact_id) is None:
                abort(404)
            count_once(session, organisation.id, _home(organisation))
            notebook.ask_colleague(
                session,
                session.get_one(Organisation, organisation.id),
                what=_words("what"),
                due_on=_day("due_on"),
                by=acting_person(),
                by_id=person.id,
                now=clock.now(),
                home=dunnock().settings.public_url,
                owner_id=form.get("owner") or None,
                contact_id=contact_id,
            )
    except UserError as problem:
        return _page(organisation, problem=str(problem)), 422
    dunnock().soft_doorbell.ring(doors.NOTICES, organisation.id)
    flash(_("It is on the list."))
    return _back(organisation)


@pages.post("/<task_id>/finish")
@member(Right.RECORD)
def finish(organisation: Organisation, task_id: str) -> ResponseReturnValue:
    """It is done."""
    return _change(
        organisation,
        task_id,
        lambda: undo.task_done(organisation, task_id, _("Done."), _home(organisation)),
        lambda session, by: team_tasks.finish(session, organisation.id, task_id, by=by, now=clock.now()),
    )


@pages.post("/<task_id>/reopen")
@member(Right.RECORD)
def reopen(organisation: Organisation, task_id: str) -> ResponseReturnValue:
    """It is to be done after all."""
    return _change(
        organisation,
        task_id,
        lambda: flash(_("It is on the list again.")),
        lambda session, by: team_tasks.reopen(session, organisation.id, task_id, by=by, now=clock.now()),
    )


@pages.post("/<task_id>/put-off")
@member(Right.RECORD)
def put_off(organisation: Organisation, task_id: str) -> ResponseReturnValue:
    """Another day, and why."""

    def later(session: Session, by: str) -> None:
        to, why = _day("due_on"), _words("reason")
        team_tasks.put_off(session, organisation.id, task_id, to=to, reason=why, by=by, now=clock.now())

    def say() -> None:
        undo.task_put_off(organisation, task_id, _("Put off."), _home(organisation))

    return _change(organisation, task_id, say, later)


@pages.post("/<task_id>/put-back")
@member(Right.RECORD)
def put_back(organisation: Organisation, task_id: str) -> ResponseReturnValue:
    """The day on which it was due before it was put off."""

    def change(session: Session, by: str) -> None:
        team_tasks.put_back(session, organisation.id, task_id, by=by, now=clock.now())

    return _change(organisation, task_id, lambda: flash(_("It is due as before.")), change)


@pages.post("/<task_id>/hand-over")
@member(Right.RECORD)
def hand_over(organisation: Organisation, task_id: str) -> ResponseReturnValue:
    """A colleague sees to it, and is told."""
    before: list[str] = []

    def give(session: Session, by: str) -> None:
        if (now_with := queries.one(session, organisation.id, task_id)) and now_with.owner_id:
            before.append(now_with.owner_id)
        task = team_tasks.hand_over(
            session, organisation.id, task_id, to=request.form.get("owner", ""), by=by, now=clock.now()
        )
        here = session.get_one(Organisation, organisation.id)
        task_asked(session, here, dunnock().settings.public_url, task)

    def say() -> None:
        words = _("Handed over, and told by mail.")
        if before and before[0] != request.form.get("owner"):
            undo.handed_over(organisation, task_id, before[0], words)
        else:
            flash(words)

    return _change(organisation, task_id, say, give)


def _change(
    organisation: Organisation, task_id: str, say: Callable[[], None], change: team_tasks.Change
) -> ResponseReturnValue:
    try:
        with dunnock().database.write(organisation.id) as session:
            if queries.one(session, organisation.id, task_id) is None:
                abort(404)
            change(session, acting_person())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        say()
        dunnock().soft_doorbell.ring(doors.NOTICES, organisation.id)
    return _back(organisation)


def _page(organisation: Organisation, problem: str = "") -> str:
    person, page = current_person() or abort(404), _asked_page()
    whose = _ALL if request.args.get("whose") == _ALL else _MINE
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        lines = queries.lines(
            session,
            organisation.id,
            owner_id=person.id if whose == _MINE else None,
            limit=_PER_PAGE + 1,
            offset=(page - 1) * _PER_PAGE,
        )
        return render_template(
            "pages/team_tasks/index.html",
            organisation=organisation,
            whose=whose,
            lines=lines[:_PER_PAGE],
            finished=queries.lately_finished(session, organisation.id, _LATELY),
            colleagues=senders.colleagues(session, organisation.id),
            counts=foresights.asked_counts(session, organisation.id),
            mine=queries.count_due(session, organisation.id, today, person.id),
            everybodys=queries.count_due(session, organisation.id, today),
            stuck=notes.how_many(session, organisation.id).get("refused", 0),
            me=person.id,
            today=today,
            page=page,
            more=len(lines) > _PER_PAGE,
            problem=problem,
            typed=request.form if problem else {},
        )


def _words(name: str) -> str:
    return request.form.get(name, "").replace("\x00", "")


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise UserError(_(_NO_DAY)) from None


def _back(organisation: Organisation) -> ResponseReturnValue:
    """To the page on which the button was."""
    return redirect(_home(organisation))


def _home(organisation: Organisation) -> str:
    return local_path(request.form.get("back")) or url_for(
        "team_tasks.index", organisation_id=organisation.id
    )


def _asked_page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
