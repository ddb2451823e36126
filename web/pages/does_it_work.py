"""Does it work: invoices before and after the first reminder, and what came after each step; and the same as files."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from credit_control.effect.before_after import LOOKED_BACK, WINDOWS
from credit_control.effect.shares import LEAST_CUSTOMERS, LEAST_INVOICES, Change, Interval, Share
from credit_control.effect.steps import LATER, SOON
from kit import clock
from kit.errors import UserError
from kit.spreadsheet import csv_of, workbook_of
from kit.wording import _
from services import kept_results
from services.effect import comparison as service
from services.effect import tables
from services.payer.words import decimal_of
from services.roles import Right
from store.models import Organisation
from web.security import dunnock, member

does_it_work = Blueprint(
    "does_it_work", __name__, url_prefix="/organisations/<organisation_id>/reports/does-it-work"
)

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@does_it_work.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """All customers together, then each schedule with its steps."""
    window, today = _asked(), clock.today(organisation.timezone)
    kept_results.renew(dunnock(), organisation.id, service.KEPT)
    with dunnock().database.read(organisation.id) as session:
        everybody, by_schedule = service.comparison(session, organisation, window, today)
    return render_template(
        "pages/effect/does_it_work.html",
        organisation=organisation,
        everybody=everybody,
        by_schedule=by_schedule,
        window=window,
        windows=WINDOWS,
        looked_back=LOOKED_BACK,
        step_days=service.STEP_DAYS,
        soon=SOON,
        later=LATER,
        least_customers=LEAST_CUSTOMERS,
        least_invoices=LEAST_INVOICES,
        share=share_in_words,
        per_cent=per_cent,
        days=days,
        difference=difference,
        today=today,
    )


@does_it_work.get("/<what>.<form>")
@member(Right.VIEW)
def file(organisation: Organisation, what: str, form: str) -> ResponseReturnValue:
    """Before and after, or the steps, as CSV; both as the sheets of one workbook."""
    if (what, form) not in (("before-after", "csv"), ("steps", "csv"), ("does-it-work", "xlsx")):
        abort(404)
    window, today = _asked(), clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        everybody, by_schedule = service.comparison(session, organisation, window, today)
    made = tables.before_after(everybody, by_schedule, window), tables.steps(by_schedule)
    content = workbook_of(list(made), today) if form == "xlsx" else csv_of(made[what == "steps"])
    return Response(
        content,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{what} {today}.{form}"'},
    )


def per_cent(value: Fraction | None) -> str:
    """``62.5 %``"""
    return "–" if value is None else _("%(number)s %%", number=days(value * 100))


def days(value: Fraction | None) -> str:
    """A number with one decimal, as the reader writes it."""
    return decimal_of(value)


def share_in_words(one: Share) -> str:
    """``62.5 % (48.1 to 75.0), 25 of 40``; what is too few is said to be so."""
    if not one.invoices:
        return "–"
    counted = _("%(hits)s of %(count)s", hits=one.hits, count=one.invoices)
    if one.interval is None:
        return _("too few to tell (%(counted)s)", counted=counted)
    low, high = days(one.interval.low * 100), days(one.interval.high * 100)
    value = per_cent(one.interval.value)
    return _("%(value)s (%(low)s to %(high)s), %(counted)s", value=value, low=low, high=high, counted=counted)


def difference(one: Change, *, of_shares: bool) -> str:
    """The difference of before and after, in days or points of per cent."""
    return gap_in_words(one.difference, of_shares=of_shares)


def gap_in_words(gap: Interval | None, *, of_shares: bool) -> str:
    """``−3.2 (−6.0 to −0.4)``, in days or points of per cent."""
    if gap is None:
        return _("too few to tell")
    times = 100 if of_shares else 1
    value, low, high = (days(each * times) for each in (gap.value, gap.low, gap.high))
    return _("%(value)s (%(low)s to %(high)s)", value=value, low=low, high=high)


def _asked() -> int:
    try:
        return service.window_of(request.args.get("within", "").strip())
    except UserError as problem:
        abort(400, str(problem))
