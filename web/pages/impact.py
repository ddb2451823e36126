"""What was done and what it is assumed to have saved, and the reminders that rightly did not leave."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.effect.impact import MOST_MINUTES, Deed, hours_and_minutes
from credit_control.effect.not_sent import NO_ERROR_AVOIDED, Why
from credit_control.figures.figure import Period
from kit import clock
from kit.errors import UserError
from kit.spreadsheet import csv_of, workbook_of
from kit.wording import _, ngettext
from services.effect import impact as service
from services.effect import tables
from services.effect.words import DEEDS, WHY
from services.roles import Right
from store.models import Organisation
from web.security import dunnock, member

impact = Blueprint("impact", __name__, url_prefix="/organisations/<organisation_id>/reports/impact")

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PER_PAGE: Final = 50
_LAST_PAGE: Final = 10_000


@impact.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """A period as a whole and month by month."""
    period = _asked(clock.today(organisation.timezone))
    with dunnock().database.read(organisation.id) as session:
        found = service.impact(session, organisation, period)
    return render_template(
        "pages/effect/impact.html",
        organisation=organisation,
        found=found,
        deeds=DEEDS,
        why=WHY,
        neutral=NO_ERROR_AVOIDED,
        most=MOST_MINUTES,
        today=clock.today(organisation.timezone),
        now=clock.now(),
        duration=duration,
    )


@impact.get("/<what>.<form>")
@member(Right.VIEW)
def file(organisation: Organisation, what: str, form: str) -> ResponseReturnValue:
    """What was done, or what did not leave, as CSV; both as the sheets of one workbook."""
    if (what, form) not in (("work", "csv"), ("not-sent", "csv"), ("impact", "xlsx")):
        abort(404)
    today = clock.today(organisation.timezone)
    period = _asked(today)
    with dunnock().database.read(organisation.id) as session:
        found = service.impact(session, organisation, period)
    made = tables.work(found), tables.not_sent(found)
    content = workbook_of(list(made), today) if form == "xlsx" else csv_of(made[what == "not-sent"])
    return Response(
        content,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{what} {period.first} {period.last}.{form}"'},
    )


@impact.get("/not-sent/<because>")
@member(Right.VIEW)
def behind(organisation: Organisation, because: str) -> ResponseReturnValue:
    """The reminders behind one count."""
    if because not in list(Why):
        abort(404)
    period, page = _asked(clock.today(organisation.timezone)), _asked_page()
    with dunnock().database.read(organisation.id) as session:
        lines, count = service.behind(
            session, organisation, period, Why(because), (page - 1) * _PER_PAGE, _PER_PAGE
        )
    return render_template(
        "pages/effect/not_sent.html",
        organisation=organisation,
        period=period,
        because=because,
        words=WHY[Why(because)],
        lines=lines,
        count=count,
        page=page,
        more=count > page * _PER_PAGE,
    )


@impact.post("/minutes")
@member(Right.CHANGE_SETTINGS)
def assume(organisation: Organisation) -> ResponseReturnValue:
    """Set the minutes that each kind of work is assumed to save."""
    typed = {deed: request.form.get(deed.value, "").strip() for deed in Deed}
    try:
        service.assume(
            dunnock(),
            organisation.id,
            {
                deed: int(one) if one.isascii() and one.isdigit() and len(one) < 5 else -1
                for deed, one in typed.items()
            },
        )
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("The minutes are saved."))
    return redirect(url_for("impact.show", organisation_id=organisation.id))


def duration(minutes: int) -> str:
    """Minutes as people say them: 3 hours 20 minutes."""
    hours, rest = hours_and_minutes(minutes)
    parts = [ngettext("%(count)s hour", "%(count)s hours", hours)] if hours else []
    if rest or not hours:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", rest))
    return " ".join(parts)


def _asked(today: date) -> Period:
    """The period of the query string; 400 for one that cannot be."""
    first, last = request.args.get("from", "").strip(), request.args.get("to", "").strip()
    try:
        return service.period_of(
            date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None, today
        )
    except UserError as problem:
        abort(400, str(problem))
    except (ValueError, OverflowError):
        abort(400)


def _asked_page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
