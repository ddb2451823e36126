"""The next fourteen days, and the switch that decides whether anything leaves at all."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from hmac import compare_digest
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import going_live, notices
from services.changes import change_of_chasing
from services.go import say_go
from services.go import take_back as take_go_back
from services.habits import cap_of
from services.outlook import MAILS_OF_ONE_DAY, next_mails, outlook
from services.roles import Right
from services.waiting import problem_of
from store.models import Organisation
from store.queries.today import Today
from store.queries.today import today as ended_today
from web.pages.brakes import board_of
from web.pages.other_mails import beside
from web.security import acting_person, current_person, dunnock, local_path, member
from web.undo import let_go

queue = Blueprint("queue", __name__, url_prefix="/organisations/<organisation_id>/queue")

_LAST_PAGE = 10_000
_MOST_ENDED = 20
_STATES = ("off", "dry_run", "live")
_CHANGED = N_(
    "The plan has changed since you looked at it. This is how it stands now; look once more, then say yes."
)
_DONE = {
    "off": "Chasing is off. What was planned has been cancelled, and nothing leaves.",
    "dry_run": "This is a dry run now: everything is planned and checked, and nothing is sent.",
    "live": "Chasing is live. Each mail is checked against the ledger once more just before it leaves.",
}

_TOLD = N_("You are told by mail on the evening before mails leave; the settings can switch that off.")


@queue.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Who would be written to, when, why, and who would not."""
    if organisation.imported_at is None:
        return redirect(url_for("first_look.show", organisation_id=organisation.id))
    only, page = _asked_day(), _asked_page()
    coming = outlook(dunnock(), organisation.id, only, after=(page - 1) * MAILS_OF_ONE_DAY)
    return render_template(
        "pages/queue/show.html",
        organisation=organisation,
        outlook=coming,
        days=[day for day in coming.days if only in (None, day.on)],
        only=only,
        page=page,
        later=page * MAILS_OF_ONE_DAY,
        first=next((day for day in coming.days if day.mails), None),
        resting=coming.resting,
        board=board_of(organisation),
        problem=problem_of(organisation, coming.as_of),
        beside=beside(organisation),
        cap=_cap(organisation),
        today=clock.today(organisation.timezone),
        ended=_ended(organisation),
        only_recorded=dunnock().settings.send_mode == "log",
    )


def _ended(organisation: Organisation) -> Today:
    """What has left today, and what was not sent."""
    zone = ZoneInfo(organisation.timezone)
    begins = datetime.combine(clock.today(organisation.timezone), time(), zone)
    ends = datetime.combine(begins.date() + timedelta(days=1), time(), zone)
    with dunnock().database.read(organisation.id) as session:
        return ended_today(session, organisation.id, begins, ends, _MOST_ENDED)


def _cap(organisation: Organisation) -> int:
    with dunnock().database.read(organisation.id) as session:
        return cap_of(session, organisation).most


@queue.post("/<communication_id>/go")
@member(Right.RUN)
def go(organisation: Organisation, communication_id: str) -> ResponseReturnValue:
    """Let a mail leave that waits for a person's go."""
    with change_of_chasing(dunnock(), organisation.id) as session:
        said = say_go(session, organisation.id, communication_id, acting_person())
    back = url_for("queue.show", organisation_id=organisation.id)
    if said:
        words = _("It leaves in its turn, after one more look at the ledger.")
        let_go(organisation, communication_id, words, back)
    else:
        flash(_("This mail does not wait for a go; somebody may have said it already."), "problem")
    return redirect(back)


@queue.post("/<communication_id>/take-back")
@member(Right.RUN)
def take_back(organisation: Organisation, communication_id: str) -> ResponseReturnValue:
    """A yes was a slip: the mail waits for one again."""
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            take_go_back(session, organisation.id, communication_id, acting_person())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Taken back: the mail waits for a yes again."))
    home = url_for("queue.show", organisation_id=organisation.id)
    return redirect(local_path(request.form.get("back")) or home)


@queue.post("/chasing")
@member(Right.CHANGE_CHASING)
def change(organisation: Organisation) -> ResponseReturnValue:
    """Switch chasing off, to a dry run, or live. Going live says yes to the plan that was on the page, and no other."""
    here = url_for("queue.show", organisation_id=organisation.id)
    to, person = request.form.get("to"), current_person()
    if to not in _STATES or person is None:
        abort(400)
    if to == "live" and not _as_seen(organisation):
        flash(_(_CHANGED), "problem")
        return redirect(here)
    known = "reminded_twice" in request.form
    try:
        going_live.switch(dunnock(), organisation.id, to, acting_person(), reminders_stay_on=known)
    except UserError as problem:
        flash(str(problem), "problem")
        return redirect(here)
    flash(_DONE[to])
    if to == "live" and notices.tell_somebody(dunnock(), organisation.id, person.id):
        flash(_(_TOLD))
    return redirect(here)


def _as_seen(organisation: Organisation) -> bool:
    """Whether the next mails are still those that the person has just seen."""
    return compare_digest(next_mails(dunnock(), organisation.id), request.form.get("seen", ""))


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args["day"]) if "day" in request.args else None
    except ValueError:
        abort(400, _("The day in the address is not a date; it should look like 2026-11-23."))


def _asked_page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the day does not exist; start again at the first."))
    return int(word)
