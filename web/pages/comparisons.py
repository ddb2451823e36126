"""Comparing two schedules: what was compared, beginning a comparison after a look at whom it draws, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.effect.drawing import LeftOut, Part
from credit_control.effect.shares import LEAST_CUSTOMERS, LEAST_INVOICES
from kit import clock
from kit.errors import UserError
from kit.spreadsheet import csv_of, workbook_of
from kit.wording import N_, _
from services.effect import comparing, comparing_tables
from services.effect import comparing_figures as service
from services.effect.comparing import LEAST_DAYS, LEAST_SHARE, MOST_DAYS, MOST_SHARE, Preview, Wanted
from services.effect.comparing_words import LEFT_OUT, verdict
from services.roles import Right
from store.models import Organisation, ScheduleComparison
from store.queries import comparing as queries
from store.queries import schedules
from web import undo
from web.pages.does_it_work import days, gap_in_words, per_cent, share_in_words
from web.security import acting_person, dunnock, member

comparisons = Blueprint(
    "comparisons", __name__, url_prefix="/organisations/<organisation_id>/reports/does-it-work/comparisons"
)

_USUAL_DAYS: Final = 180
_A_PAGE: Final = 100
_LAST_PAGE: Final = 10_000
_OUT: Final = "out"
_NO_SHARE = N_("The share is a whole number of per cent, such as 50.")
_NO_DAY = N_("Give the last day of the comparison.")
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A comparison as it was typed."""

    name: str = ""
    schedule_a: str = ""
    schedule_b: str = ""
    share: str = "50"
    until: str = ""

    @classmethod
    def sent(cls) -> Draft:
        """What the form holds."""
        form = request.form
        return cls(
            form.get("comparison_name", "")[:200],
            form.get("schedule_a", "")[:40],
            form.get("schedule_b", "")[:40],
            form.get("share", "")[:10],
            form.get("until", "")[:10],
        )

    def wanted(self) -> Wanted:
        """The same as the service takes it; ``UserError`` where something cannot be read."""
        share = self.share.strip()
        if not (share.isascii() and share.isdigit()):
            raise UserError(_(_NO_SHARE))
        try:
            until = date.fromisoformat(self.until)
        except ValueError:
            raise UserError(_(_NO_DAY)) from None
        return Wanted(self.name, self.schedule_a, self.schedule_b, int(share), until)


@comparisons.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """All comparisons, the newest first, each with its main figure."""
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        found = service.all_compared(session, organisation.id, today)
    return render_template(
        "pages/effect/comparisons.html", organisation=organisation, found=found, gap=gap_in_words, part=Part
    )


@comparisons.get("/new")
@member(Right.CHANGE_CHASING)
def new(organisation: Organisation) -> ResponseReturnValue:
    """A form that compares the default with another schedule, half and half, for half a year."""
    until = clock.today(organisation.timezone) + timedelta(days=_USUAL_DAYS)
    return _form(organisation, Draft(until=until.isoformat()))


@comparisons.post("/new")
@member(Right.CHANGE_CHASING)
def create(organisation: Organisation) -> ResponseReturnValue:
    """Look at what it would do; or begin."""
    draft = Draft.sent()
    try:
        wanted = draft.wanted()
        if request.form.get("do") != "begin":
            with dunnock().database.read(organisation.id) as session:
                seen = comparing.preview(session, organisation, wanted)
            return _form(organisation, draft, seen=seen)
        key = comparing.begin(dunnock(), organisation.id, wanted, acting_person())
    except UserError as error:
        return _form(organisation, draft, str(error)), 422
    flash(_("The comparison has begun. Who was drawn into which part is listed below."))
    return redirect(url_for("comparisons.show", organisation_id=organisation.id, comparison_id=key))


@comparisons.get("/<comparison_id>")
@member(Right.VIEW)
def show(organisation: Organisation, comparison_id: str) -> ResponseReturnValue:
    """What came of it, by what method, and everybody who was drawn or left out."""
    part, page = request.args.get("part", Part.B.value), _page(request.args.get("page", "1"))
    if part not in (*Part, _OUT):
        abort(404)
    with dunnock().database.read(organisation.id) as session:
        row = _found(session, organisation, comparison_id)
        found = service.compared(session, row, clock.today(organisation.timezone))
        listed = queries.members(
            session, organisation.id, row.id, "" if part == _OUT else part, (page - 1) * _A_PAGE, _A_PAGE + 1
        )
    return render_template(
        "pages/effect/comparison.html",
        organisation=organisation,
        found=found,
        listed=listed[:_A_PAGE],
        more=len(listed) > _A_PAGE,
        page=page,
        shown=part,
        part=Part,
        left_out={one: LEFT_OUT[one] for one in LeftOut},
        share=share_in_words,
        gap=gap_in_words,
        days=days,
        per_cent=per_cent,
        verdict=verdict,
        least_customers=LEAST_CUSTOMERS,
        least_invoices=LEAST_INVOICES,
    )


@comparisons.post("/<comparison_id>/end")
@member(Right.CHANGE_CHASING)
def end(organisation: Organisation, comparison_id: str) -> ResponseReturnValue:
    """End it before its last day."""
    with dunnock().database.read(organisation.id) as session:
        _found(session, organisation, comparison_id)
    try:
        ended = comparing.end(dunnock(), organisation.id, comparison_id, acting_person())
    except UserError as error:
        flash(str(error), "problem")
    else:
        words = _("Ended. From now on rules and the default say again which schedule everybody is on.")
        undo.comparison_ended(organisation, comparison_id, ended, words)
    return redirect(url_for("comparisons.show", organisation_id=organisation.id, comparison_id=comparison_id))


@comparisons.post("/<comparison_id>/take-back")
@member(Right.CHANGE_CHASING)
def take_back(organisation: Organisation, comparison_id: str) -> ResponseReturnValue:
    """Have it go on after it was ended by mistake."""
    with dunnock().database.read(organisation.id) as session:
        _found(session, organisation, comparison_id)
    try:
        ended = datetime.fromisoformat(request.form.get("ended", ""))
    except ValueError:
        abort(400)
    try:
        comparing.take_back(dunnock(), organisation.id, comparison_id, ended)
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(_("The comparison goes on, with the same customers in both parts."))
    return redirect(url_for("comparisons.show", organisation_id=organisation.id, comparison_id=comparison_id))


@comparisons.get("/<comparison_id>/<what>.<form>")
@member(Right.VIEW)
def file(organisation: Organisation, comparison_id: str, what: str, form: str) -> ResponseReturnValue:
    """The figures or the customers as CSV; both as the sheets of one workbook."""
    if (what, form) not in (("figures", "csv"), ("customers", "csv"), ("comparison", "xlsx")):
        abort(404)
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        row = _found(session, organisation, comparison_id)
        made = [
            comparing_tables.figures(service.compared(session, row, today)),
            comparing_tables.customers(
                queries.everybody(session, organisation.id, row.id), ZoneInfo(organisation.timezone)
            ),
        ]
    content = workbook_of(made, today) if form == "xlsx" else csv_of(made[what == "customers"])
    return Response(
        content,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{what} {today}.{form}"'},
    )


def _form(organisation: Organisation, draft: Draft, problem: str = "", seen: Preview | None = None) -> str:
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        known = schedules.names(session, organisation.id)
        other = queries.running(session, organisation.id, today)
    return render_template(
        "pages/effect/new_comparison.html",
        organisation=organisation,
        draft=draft,
        schedules=known,
        names=dict(known),
        problem=problem,
        seen=seen,
        running=other,
        left_out=LEFT_OUT,
        least_share=LEAST_SHARE,
        most_share=MOST_SHARE,
        first=today + timedelta(days=LEAST_DAYS),
        last=today + timedelta(days=MOST_DAYS),
        least_customers=LEAST_CUSTOMERS,
        least_invoices=LEAST_INVOICES,
    )


def _found(session: Session, organisation: Organisation, comparison_id: str) -> ScheduleComparison:
    return queries.one(session, organisation.id, comparison_id) or abort(404)


def _page(typed: str) -> int:
    return min(int(typed), _LAST_PAGE) if typed.isascii() and typed.isdigit() and int(typed[:9]) > 0 else 1
