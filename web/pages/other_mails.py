"""Mails beside reminders: what is switched on, what a run of statements would be, and what waits to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.occasions import OccasionKind, next_statement_day
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services.books import desk_of
from services.occasions import switches
from services.occasions.runs import example_statement, statement_page
from services.outlook_shapes import Beside as Mail
from services.roles import Right
from store.facts import policy_of
from store.models import Organisation
from store.queries import customers, occasions_waiting, sent_marks
from store.queries import occasions as queries
from store.queries import templates as template_queries
from web.security import acting_person, dunnock, member

pages = Blueprint("other_mails", __name__, url_prefix="/organisations/<organisation_id>/other-mails")

_MOST_WAITING = 50
_PER_PAGE = 50
_LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Beside:
    """What leaves beside reminders, whatever day the queue shows: how many mails wait, and the day of statements."""

    count: int
    statements_on: date | None


def beside(organisation: Organisation) -> Beside:
    """The mails beside reminders of an organisation, as they stand now."""
    with dunnock().database.read(organisation.id) as session:
        count = occasions_waiting.count_waiting(session, organisation.id)
        wanted = OccasionKind.STATEMENT in queries.switched_on(session, organisation.id)
    today = clock.today(organisation.timezone)
    on = next_statement_day(policy_of(organisation).window, today) if wanted else None
    return Beside(count, on)


@pages.get("")
@member(Right.SEE_SETTINGS)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Every kind of mail beside reminders, with its switch and its text; and what is about to leave."""
    with dunnock().database.read(organisation.id) as session:
        waiting = [Mail(one) for one in occasions_waiting.waiting(session, organisation.id, _MOST_WAITING)]
        count = occasions_waiting.count_waiting(session, organisation.id)
        found = template_queries.templates(session, organisation.id)
        return render_template(
            "pages/other_mails/index.html",
            organisation=organisation,
            switches=switches.switches(session, organisation.id),
            templates={one.key: one for one in found},
            waiting=waiting,
            refused=sent_marks.refused(session, organisation.id, _MOST_WAITING),
            waiting_count=count,
        )


@pages.post("/<kind>")
@member(Right.CHANGE_CHASING)
def switch(organisation: Organisation, kind: str) -> ResponseReturnValue:
    """Switch one kind on or off."""
    on = request.form.get("on") == "yes"
    try:
        switches.switch(dunnock(), organisation.id, kind, on=on, by=acting_person())
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(
            _("Switched on. Nothing from before now is made up for.")
            if on
            else _("Switched off. What had not left is cancelled.")
        )
    return redirect(url_for("other_mails.index", organisation_id=organisation.id))


@pages.get("/statements")
@member(Right.VIEW)
def statements(organisation: Organisation) -> ResponseReturnValue:
    """Who would get a statement on the next first working day of a month, and who would not."""
    page = _page()
    with dunnock().database.read(organisation.id) as session:
        desk = desk_of(session, organisation.id)
        shown = statement_page(session, desk, clock.now(), page=page, per_page=_PER_PAGE)
    return render_template(
        "pages/other_mails/statements.html",
        organisation=organisation,
        shown=shown,
        run=shown.run,
        lines=shown.lines,
        page=page,
        more=shown.customers > page * _PER_PAGE,
    )


@pages.get("/statements/<contact_id>.pdf")
@member(Right.VIEW)
def statement(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The statement of one customer as it would be today."""
    with dunnock().database.read(organisation.id) as session:
        if customers.contact(session, organisation.id, contact_id) is None:
            abort(404)
        desk = desk_of(session, organisation.id)
        try:
            file = example_statement(session, desk, contact_id, clock.today(organisation.timezone))
        except UserError as error:
            flash(str(error), "problem")
            return redirect(url_for("other_mails.statements", organisation_id=organisation.id))
    return Response(
        file.content,
        mimetype=file.content_type,
        headers={"Content-Disposition": f'inline; filename="{file.name}"'},
    )


def _page() -> int:
    page = request.args.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and 1 <= int(page[:6]) <= _LAST_PAGE else abort(404)
