"""The schedules: what there is and who is on it, and the form in which one is written."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.facts import Action
from credit_control.sender import DEFAULT, OWNER
from credit_control.written import resolved
from kit import clock
from kit.errors import UserError
from kit.wording import ENGLISH, _, grouped, language
from services import placing, replays, schedules
from services.changes import change_of_chasing
from services.mail_facts import KINDS
from services.preset_names import preset_name
from services.roles import Right
from services.simulation import tried_steps
from services.written_steps import written_of
from store.courses import steps_of
from store.models import Organisation, Schedule, ScheduleVersion, Template
from store.queries import api as queries
from store.queries import comparing
from store.queries import schedules as schedule_queries
from store.queries import senders as sender_queries
from store.queries import templates as template_queries
from web.format import catch_up_words
from web.pages.roles import ROLES
from web.pages.step_rows import StepRow, changed, read, rows_of, typed
from web.pages.tries import Try, tried, typed_try
from web.security import acting_person, dunnock, member

pages = Blueprint("schedules", __name__, url_prefix="/organisations/<organisation_id>/schedules")

_ALL = 200


@pages.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """All schedules, each as its steps on a line."""
    counts = placing.counts(dunnock(), organisation.id)
    with dunnock().database.read(organisation.id) as session:
        rows = queries.schedules(session, organisation.id, None, _ALL)
        older = schedule_queries.on_older_versions(session, organisation.id)
        compared = comparing.running(session, organisation.id, clock.today(organisation.timezone))
    found = sorted(((row[0], row[1]) for row in rows), key=lambda row: (not row[0].is_default, row[0].name))
    return render_template(
        "pages/schedules/index.html",
        organisation=organisation,
        schedules=[(one, version, catch_up_words(steps_of(version.steps))) for one, version in found],
        counts=counts,
        older=older,
        compared=compared,
    )


@pages.get("/new")
@member(Right.CHANGE_CHASING)
def new(organisation: Organisation) -> ResponseReturnValue:
    """An empty form."""
    return _form(organisation, None, "", [StepRow()])


@pages.post("/new")
@member(Right.CHANGE_CHASING)
def create(organisation: Organisation) -> ResponseReturnValue:
    """Make a schedule, or show the form again."""
    return _sent(organisation, None)


@pages.get("/<schedule_id>")
@member(Right.VIEW)
def show(organisation: Organisation, schedule_id: str) -> ResponseReturnValue:
    """One schedule, to be looked at or changed."""
    found = _found(organisation, schedule_id)
    asked = typed_try(request.args)
    if asked.number or asked.due_on:
        asked = tried(organisation, tried_steps(found[0].name, steps_of(found[1].steps)), asked)
    rows = rows_of(written_of(found[1].steps, found[1].written))
    return _form(organisation, found, found[0].name, rows, came=asked)


@pages.post("/<schedule_id>")
@member(Right.CHANGE_CHASING)
def change(organisation: Organisation, schedule_id: str) -> ResponseReturnValue:
    """Change a schedule, or show the form again."""
    return _sent(organisation, _found(organisation, schedule_id))


@pages.post("/<schedule_id>/move")
@member(Right.CHANGE_CHASING)
def move(organisation: Organisation, schedule_id: str) -> ResponseReturnValue:
    """Have invoices under way go on with the newest version."""
    found = _found(organisation, schedule_id)
    with change_of_chasing(dunnock(), organisation.id) as session:
        moved = schedules.move(session, organisation.id, schedule_id)
    flash(
        _(
            "%(moved)s moved to version %(number)s. What they have behind them stays behind them.",
            moved=grouped(moved),
            number=found[1].number,
        )
    )
    return redirect(url_for("schedules.index", organisation_id=organisation.id))


@pages.post("/<schedule_id>/replay")
@member(Right.RECORD)
def replay(organisation: Organisation, schedule_id: str) -> ResponseReturnValue:
    """Have a schedule replayed on the last twelve months of the book."""
    _found(organisation, schedule_id)
    replays.ask(dunnock(), organisation.id, schedule_id, acting_person())
    flash(_("It is being played. Load this page again in a moment."))
    here = url_for("schedules.show", organisation_id=organisation.id, schedule_id=schedule_id)
    return redirect(f"{here}#replay")


@pages.post("/<schedule_id>/pause")
@member(Right.CHANGE_CHASING)
def pause(organisation: Organisation, schedule_id: str) -> ResponseReturnValue:
    """Chase nobody who is on this schedule for now."""
    found = _found(organisation, schedule_id)
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            schedules.pause(
                session, organisation.id, schedule_id, request.form.get("reason", ""), acting_person()
            )
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(
            _(
                "“%(found_name)s” is paused. Nobody on it is chased until somebody resumes it.",
                found_name=preset_name(found[0].name),
            )
        )
    return redirect(url_for("schedules.index", organisation_id=organisation.id))


@pages.post("/<schedule_id>/resume")
@member(Right.CHANGE_CHASING)
def resume(organisation: Organisation, schedule_id: str) -> ResponseReturnValue:
    """Chase those on this schedule again."""
    found = _found(organisation, schedule_id)
    with change_of_chasing(dunnock(), organisation.id) as session:
        schedules.resume(session, organisation.id, schedule_id)
    flash(_("“%(found_name)s” goes on with the steps that are due.", found_name=preset_name(found[0].name)))
    return redirect(url_for("schedules.index", organisation_id=organisation.id))


@pages.post("/<schedule_id>/default")
@member(Right.CHANGE_CHASING)
def make_default(organisation: Organisation, schedule_id: str) -> ResponseReturnValue:
    """Have everybody on it whom neither a person nor a rule puts elsewhere."""
    found = _found(organisation, schedule_id)
    with change_of_chasing(dunnock(), organisation.id) as session:
        schedules.make_default(session, organisation.id, schedule_id)
    flash(_("“%(found_name)s” is the default from now on.", found_name=preset_name(found[0].name)))
    return redirect(url_for("schedules.index", organisation_id=organisation.id))


def _sent(organisation: Organisation, found: tuple[Schedule, ScheduleVersion] | None) -> ResponseReturnValue:
    """The form as it was sent: a button that changes the rows shows it again, the other one saves it."""
    name, rows = request.form.get("schedule_name", ""), typed(request.form)
    others = changed(rows, request.form.get("do", ""))
    if others is not None:
        return _form(organisation, found, name, others, came=typed_try(request.form))
    with dunnock().database.read(organisation.id) as session:
        templates = schedule_queries.template_kinds(session, organisation.id)
        senders = sender_queries.sender_ids(session, organisation.id)
    steps, checked_rows = read(rows, templates, senders, organisation.base_currency)
    if rows and not steps:
        return _form(organisation, found, name, checked_rows, came=typed_try(request.form)), 422
    if request.form.get("do") == "try":
        schedule = tried_steps(name.strip() or _("this schedule"), resolved(steps))
        came = tried(organisation, schedule, typed_try(request.form))
        return _form(organisation, found, name, rows, came=came)
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            if found:
                schedules.change(session, organisation.id, found[0].id, name, steps)
            else:
                schedules.create(session, organisation.id, name, steps)
    except UserError as problem:
        return _form(organisation, found, name, rows, str(problem)), 422
    flash(
        _("Saved. Invoices under way stay on the version they are on until you move them.")
        if found
        else _("Saved.")
    )
    return redirect(url_for("schedules.index", organisation_id=organisation.id))


def _form(
    organisation: Organisation,
    found: tuple[Schedule, ScheduleVersion] | None,
    name: str,
    rows: list[StepRow],
    problem: str = "",
    came: Try | None = None,
) -> str:
    with dunnock().database.read(organisation.id) as session:
        texts = template_queries.templates(session, organisation.id)
        played = replays.found(session, organisation.id, found[0].id) if found else None
        senders = sender_queries.senders(session, organisation.id)
    return render_template(
        "pages/schedules/form.html",
        organisation=organisation,
        schedule=found[0] if found else None,
        version=found[1] if found else None,
        name=name,
        rows=rows,
        texts=sorted((_label(one), one.key) for one in texts),
        senders=[
            (OWNER, _("whoever looks after the customer, else the default")),
            (DEFAULT, _("always the default sender")),
            *((one.id, f"{one.name}, {one.email}") for one in senders),
        ],
        problem=problem,
        roles=ROLES,
        played=played,
        attempt=came or Try(),
    )


def _label(text: Template) -> str:
    """Its name, with what it is for where that is no mail."""
    kind = _(KINDS[text.kind])
    small = kind.lower() if language() == ENGLISH else kind
    name = preset_name(text.name)
    return name if text.kind == Action.EMAIL else f"{name} ({small})"


def _found(organisation: Organisation, schedule_id: str) -> tuple[Schedule, ScheduleVersion]:
    with dunnock().database.read(organisation.id) as session:
        return schedule_queries.newest(session, organisation.id, schedule_id) or abort(404)
