"""The page of the morning: what is to be done in one list, and the money that came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.morning import Placed, Sort
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import call_again, doors, settling_replies, team_tasks
from services.go import say_go
from services.morning import morning
from services.roles import Right
from store.models import Organisation
from store.queries import customers, replies
from store.queries import morning as queries
from web import undo
from web.security import acting_person, allowed, current_person, dunnock, member

today = Blueprint("today", __name__, url_prefix="/organisations/<organisation_id>/today")

_SHOWN = 30
_PER_PAGE = 100
_LONGEST = timedelta(days=366)
_LAST_PAGE = 10_000
_MINE = "mine"
_TOMORROW = "Not today"
_GONE = N_("Somebody was quicker: this is done already.")

Act = Callable[[Session, Organisation, str, str], "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """What was done, in words; ``task_id``: the task that was put off."""

    words: str
    task_id: str = ""


@today.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """What is to be done, first things first."""
    if organisation.imported_at is None:
        return redirect(url_for("first_look.show", organisation_id=organisation.id))
    person = current_person() or abort(404)
    mine = request.args.get("whose") == _MINE
    only = _only(request.args.get("only"))
    with dunnock().database.read(organisation.id) as session:
        here = session.get_one(Organisation, organisation.id)
        found = morning(session, here, clock.now(), person.id if mine else None)
    lines = [one for one in found.lines if only in (None, one.ask.sort)]
    return render_template(
        "pages/today/show.html",
        organisation=organisation,
        morning=found,
        lines=lines[:_SHOWN],
        more=max(len(lines) - _SHOWN, 0),
        only=only,
        mine=mine,
        address=_address(organisation),
        may_act=_may_act,
        days=_days,
    )


@today.post("")
@member(Right.RECORD)
def act(organisation: Organisation) -> ResponseReturnValue:
    """Do what one line asks for."""
    sort, do, key = (request.form.get(name, "") for name in ("sort", "do", "key"))
    acts = _ACTS.get((sort, do)) or abort(400, _("There is no such button on this page."))
    if sort == Sort.APPROVE and not allowed(Right.RUN):
        abort(
            403, _("Your role in this organisation does not allow this. Ask an owner or a manager to do it.")
        )
    try:
        with dunnock().database.write(organisation.id) as session:
            said = acts(session, session.get_one(Organisation, organisation.id), key, acting_person())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        for door in (doors.PLAN, doors.NOTES):
            dunnock().soft_doorbell.ring(door, organisation.id)
        _say(organisation, sort, do, key, said)
    return redirect(url_for("today.show", organisation_id=organisation.id, **_filters()))


@today.get("/cash")
@member(Right.VIEW)
def cash(organisation: Organisation) -> ResponseReturnValue:
    """The payments of some days, with the invoices that they were for."""
    here = clock.today(organisation.timezone)
    last = _day("to", here)
    first = _day("from", last - timedelta(days=6))
    if first > last or last - first > _LONGEST:
        abort(400, _("The first day has to be before the last, and at most a year before."))
    page = _page()
    with dunnock().database.read(organisation.id) as session:
        found = queries.payments(
            session, organisation.id, first, last, most=_PER_PAGE + 1, offset=(page - 1) * _PER_PAGE
        )
        sums = queries.received(session, organisation.id, first, last)
    return render_template(
        "pages/today/cash.html",
        organisation=organisation,
        first=first,
        last=last,
        payments=found[:_PER_PAGE],
        sums=sums,
        page=page,
        more=len(found) > _PER_PAGE,
    )


def _let_go(session: Session, organisation: Organisation, key: str, by: str) -> Said:
    if not say_go(session, organisation.id, key, by):
        raise UserError(_(_GONE))
    return Said(_("It leaves in its turn, after one more look at the ledger."))


def _accept(session: Session, organisation: Organisation, key: str, by: str) -> Said:
    reply = replies.one(session, organisation.id, key)
    if reply is None or reply.state != "waiting":
        raise UserError(_(_GONE))
    settling_replies.settle(session, organisation, key, reply.meaning, by=by, now=clock.now(), suggested=True)
    return Said(_("Accepted as what it seems to be."))


def _done(session: Session, organisation: Organisation, key: str, by: str) -> Said:
    task = team_tasks.finish(session, organisation.id, key, by=by, now=clock.now())
    return Said(_("Done: %(what)s", what=task.what))


def _tomorrow(session: Session, organisation: Organisation, key: str, by: str) -> Said:
    to, now = clock.today(organisation.timezone) + timedelta(days=1), clock.now()
    team_tasks.put_off(session, organisation.id, key, to=to, reason=_TOMORROW, by=by, now=now)
    return Said(_("Put off until tomorrow."), key)


def _call_tomorrow(session: Session, organisation: Organisation, key: str, by: str) -> Said:
    if customers.contact(session, organisation.id, key) is None:
        abort(404)
    to = clock.today(organisation.timezone) + timedelta(days=1)
    task_id = call_again.put_off(session, organisation, key, to, by=by, now=clock.now())
    return Said(_("The call is put off until tomorrow."), task_id)


_ACTS: Final[dict[tuple[str, str], Act]] = {
    (Sort.APPROVE, "yes"): _let_go,
    (Sort.REPLY, "yes"): _accept,
    (Sort.CALL, "tomorrow"): _call_tomorrow,
    **{(sort, "yes"): _done for sort in (Sort.TASK, Sort.PROMISE, Sort.PROBLEM)},
    **{(sort, "tomorrow"): _tomorrow for sort in (Sort.TASK, Sort.PROMISE, Sort.PROBLEM)},
}


def _may_act(line: Placed, do: str) -> bool:
    """Whether this button stands at this line for whoever is looking."""
    if (line.ask.sort, do) not in _ACTS or not allowed(Right.RECORD):
        return False
    if not line.ask.ready and line.ask.sort != Sort.CALL:
        return False
    return line.ask.sort != Sort.APPROVE or allowed(Right.RUN)


def _say(organisation: Organisation, sort: str, do: str, key: str, said: Said) -> None:
    """What was done, and the way back."""
    back = url_for("today.show", organisation_id=organisation.id, **_filters())
    if said.task_id:
        undo.task_put_off(organisation, said.task_id, said.words, back)
    elif sort == Sort.REPLY:
        undo.reply_settled(organisation, key, said.words, back)
    elif sort == Sort.APPROVE:
        undo.let_go(organisation, key, said.words, back)
    else:
        undo.task_done(organisation, key, said.words, back)


def _address(organisation: Organisation) -> Callable[[Placed], str]:
    """Where a line is opened."""
    pages = {
        "connection": "connection.show", "brake": "queue.show", "sending": "queue.show", "sender": "senders.index",
        "notes": "outbox.show", "reminders": "queue.show",
    }  # fmt: skip

    list_here = request.full_path.rstrip("?")

    def address(line: Placed) -> str:
        ask, here = line.ask, _here(organisation)
        if ask.sort == Sort.REPLY:
            return url_for("inbox.show", reply_id=ask.key, **here)
        if ask.sort == Sort.APPROVE:
            return url_for("queue.show", day=ask.due_on.isoformat(), **here)
        if ask.sort == Sort.CALL:
            return url_for("calls.call", contact_id=ask.key, back=list_here, **here)
        if ask.sort in (Sort.LETTER, Sort.REVIEW):
            return url_for("tasks.index", kind=ask.sort.value, _anchor=f"task-{ask.key}", **here)
        if ask.key in pages:
            return url_for(pages[ask.key], **here)
        if ask.on_its_page:
            return url_for("timeline.show", message_id=ask.key, **here)
        if ask.contact_id:
            return url_for("contacts.show", contact_id=ask.contact_id, **here)
        return url_for("team_tasks.index", whose="all", **here)

    return address


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _here(organisation: Organisation) -> dict[str, Any]:
    return {"organisation_id": organisation.id}


def _filters() -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.form.get("whose") == _MINE:
        found["whose"] = _MINE
    if only := _only(request.form.get("only") or None):
        found["only"] = str(only)
    return found


def _only(word: str | None) -> Sort | None:
    try:
        return Sort(word) if word else None
    except ValueError:
        abort(400, _("There is no such part of the list; open all of it."))


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args[name]) if request.args.get(name) else otherwise
    except ValueError:
        abort(400, _("The day in the address is not a date; it should look like 2026-11-23."))


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("There is no such page; start again at the first."))
    return int(word)
