"""What each month's invoices bring: the months beside each other, what that says about what is open; and the same as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from credit_control.figures.by_month import month_end
from credit_control.figures.cohorts import Cohort
from credit_control.figures.figure import round_half_up
from kit import clock
from kit.spreadsheet import Cell, Table, csv_of, workbook_of
from kit.wording import _, ngettext
from services import kept_results
from services.figures import cohorts as service
from services.figures.cohorts import MOST_AGE, OfCurrency
from services.roles import Right
from store.models import Organisation
from web import format as written
from web.pages.figure_cards import PER_CENT, value_of
from web.security import dunnock, member

cohorts = Blueprint("cohorts", __name__, url_prefix="/organisations/<organisation_id>/reports")

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CENTS, _PLACES = 2, 4


@cohorts.get("/cohorts")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """The months of two years by what came of them, and what is to come, currency by currency."""
    found, today = _found(organisation)
    return render_template(
        "pages/insight/cohorts.html",
        organisation=organisation,
        by_currency=found,
        today=today,
        months=service.MONTHS,
        most_age=MOST_AGE,
        per_cent=_per_cent,
        exactly=lambda share: round_half_up(share * 100, _PLACES),
        cents=lambda amount: round_half_up(amount, _CENTS),
        later=_later,
        worked=_worked,
        billed_in=_billed_in,
    )


@cohorts.get("/cohorts.<form>")
@member(Right.VIEW)
def file(organisation: Organisation, form: str) -> ResponseReturnValue:
    """The months as CSV; with the means and what is to come as the sheets of one workbook."""
    if form not in _TYPES:
        abort(404)
    found, today = _found(organisation)
    sheets = [_cohorts(found), _means(found), _ahead(found)]
    content = csv_of(sheets[0]) if form == "csv" else workbook_of(sheets, today)
    return Response(
        content,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="cohorts {today}.{form}"'},
    )


def _found(organisation: Organisation) -> tuple[list[OfCurrency], date]:
    kept_results.renew(dunnock(), organisation.id, service.KEPT)
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        return service.KEPT.told(session, organisation, today), today


def _per_cent(share: Fraction) -> str:
    return value_of(share * 100, PER_CENT)


def _later(age: int) -> str:
    """``in its month``, ``1 month later``"""
    return ngettext("%(count)s month later", "%(count)s months later", age) if age else _("in its month")


def _worked(one: OfCurrency, age: int) -> str:
    """The mean of an age with its numbers, the newest month first."""
    shares = [written.decimal(round_half_up(each.shares[age] * 100, 1)) for each in _come(one.cohorts, age)]
    return f"({' + '.join(shares)}) ÷ {len(shares)} = {_per_cent(one.ages[age].mean)}"


def _come(found: Sequence[Cohort], age: int) -> list[Cohort]:
    return [each for each in reversed(found) if len(each.settled) > age]


def _billed_in(one: Cohort, currency: str, show: str) -> dict[str, Any]:
    """The invoices of a month, as the list of invoices is narrowed."""
    return {
        "show": show,
        "currency": currency,
        "issued_from": one.month.isoformat(),
        "issued_to": month_end(one.month).isoformat(),
    }


def _cohorts(found: Sequence[OfCurrency]) -> Table:
    heading = (
        "currency", "month", "billed", "settled_by_now", "open",
        *(f"settled_by_month_{age}_per_cent" for age in range(MOST_AGE + 1)),
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        [of.currency, one.month, one.billed, one.by_now, one.open, *_filled(one.shares)]
        for of in found
        for one in of.cohorts
    ]
    return Table("cohorts", heading, rows)


def _means(found: Sequence[OfCurrency]) -> Table:
    heading = (
        "currency",
        "months_after_billing",
        "mean_per_cent",
        "lowest_per_cent",
        "highest_per_cent",
        "cohorts",
    )
    rows: list[Sequence[Cell]] = [
        [of.currency, age, *(_rounded(each) for each in (one.mean, one.lowest, one.highest)), one.cohorts]
        for of in found
        for age, one in enumerate(of.ages)
    ]
    return Table("means", heading, rows)


def _ahead(found: Sequence[OfCurrency]) -> Table:
    rows: list[Sequence[Cell]] = [
        [of.currency, month, round_half_up(amount, _CENTS)]
        for of in found
        for month, amount in of.ahead.months
    ]
    return Table("to come", ("currency", "month", "expected"), rows)


def _filled(shares: Sequence[Fraction]) -> list[Cell]:
    known: list[Cell] = [_rounded(one) for one in shares]
    return known + [None] * (MOST_AGE + 1 - len(known))


def _rounded(share: Fraction) -> Cell:
    return round_half_up(share * 100, _PLACES)
