"""The end of the set-up: what would leave in two weeks, a test to oneself, and going live now or on a chosen day."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.calendar import first_sending_day
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import planned_start, setting_up, switches, trial_of_plan
from services.habits import cap_of
from services.outlook import outlook
from services.roles import Right
from store.facts import policy_of
from store.models import Organisation
from store.queries import campaigns, foresights, templates
from store.queries import setting_up as queries
from web import limits
from web.security import current_person, dunnock, member

pages = Blueprint("dry_run", __name__, url_prefix="/organisations/<organisation_id>/set-up")

_NO_DAY = N_("Choose the day on which chasing shall go live.")


@pages.get("/dry-run")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """What would leave, day by day."""
    if organisation.imported_at is None:
        return redirect(url_for("first_look.show", organisation_id=organisation.id))
    return _page(organisation)


@pages.post("/dry-run")
@member(Right.CHANGE_CHASING)
def begin(organisation: Organisation) -> ResponseReturnValue:
    """Start the dry run."""
    person = current_person() or abort(404)
    try:
        switches.change_chasing(dunnock(), organisation.id, switches.DRY_RUN, person.name)
    except UserError as problem:
        return _page(organisation, str(problem)), 422
    flash(_("This is a dry run now: everything is planned, checked and written, and nothing is sent."))
    return redirect(url_for("dry_run.show", organisation_id=organisation.id))


@pages.post("/test")
@member(Right.RUN)
def test(organisation: Organisation) -> ResponseReturnValue:
    """Send the first mail to whoever is signed in, and to nobody else."""
    person = current_person() or abort(404)
    try:
        limits.take(limits.TRIAL_MAIL)
        flash(trial_of_plan.send_first(dunnock(), organisation, person.email))
    except UserError as problem:
        return _page(organisation, str(problem)), 422
    return redirect(url_for("dry_run.show", organisation_id=organisation.id))


@pages.post("/live-on")
@member(Right.CHANGE_CHASING)
def live_on(organisation: Organisation) -> ResponseReturnValue:
    """Have chasing go live on a day."""
    person, word = current_person() or abort(404), request.form.get("on", "")[:10]
    known = "reminded_twice" in request.form
    try:
        on = _day(word)
        planned_start.plan_start(
            dunnock(), organisation.id, on, person.name, person.id, reminders_stay_on=known
        )
    except UserError as problem:
        return _page(organisation, str(problem), word), 422
    flash(_("The day is set. Until then nothing is sent, and you can take it back."))
    return redirect(url_for("dry_run.show", organisation_id=organisation.id))


@pages.post("/live-on/cancel")
@member(Right.CHANGE_CHASING)
def cancel(organisation: Organisation) -> ResponseReturnValue:
    """Take the day back, or clear away why it came to nothing."""
    planned_start.cancel(dunnock(), organisation.id)
    flash(_("Taken back: chasing goes live only when somebody says so."))
    return redirect(url_for("dry_run.show", organisation_id=organisation.id))


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise UserError(_(_NO_DAY)) from None


def _page(organisation: Organisation, problem: str = "", typed: str = "") -> str:
    coming = outlook(dunnock(), organisation.id)
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        found = setting_up.set_up_of(dunnock(), session, organisation)
        cap = cap_of(session, organisation).most
        debt = queries.steps(session, organisation.id).get("old_debt")
        letter = debt.chosen if debt and debt.chosen.get("choice") == "letter" else None
        if letter and campaigns.newest_first(session, organisation.id):
            letter = None
        formal = templates.that_start_conversations(session, organisation.id)
        last = max((day.on for day in coming.days), default=today)
        formal_first = foresights.begin_with(session, organisation.id, today, last, formal)
    offered = first_sending_day(policy_of(organisation).window, today + timedelta(days=1))
    return render_template(
        "pages/setting_up/dry_run.html",
        organisation=organisation,
        set_up=found,
        step=None,
        outlook=coming,
        mails=sum(day.mails for day in coming.days),
        first=next((day for day in coming.days if day.mails), None),
        today=today,
        cap=cap,
        letter=letter,
        formal_first=formal_first,
        problem=problem,
        typed=typed or offered.isoformat(),
        earliest=today + timedelta(days=1),
        latest=today + planned_start.FARTHEST,
    )
