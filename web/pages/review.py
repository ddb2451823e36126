"""The month that is over: its figures beside earlier ones and the targets; and the form in which the targets are set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.figures.by_month import months_back
from credit_control.figures.targets import MORE_IS_BETTER, PER_CENT
from kit import clock
from kit.amounts import typed_amount
from kit.errors import UserError
from kit.spreadsheet import csv_of, workbook_of
from kit.wording import _
from services import kept_results
from services.figures import keeping, monthly, reminders
from services.figures import targets as service
from services.figures.monthly import YEAR_OF_MONTHS
from services.figures.review import Review, review
from services.roles import Right
from store.models import Organisation
from store.queries import figure_targets as queries
from web import format as written
from web.pages import review_sheets
from web.pages.counted_links import of_month
from web.pages.figure_cards import KINDS
from web.security import acting_person, dunnock, member

pages = Blueprint("review", __name__, url_prefix="/organisations/<organisation_id>/reports")

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_PATIENCE: Final = 5.0
_PLACES: Final = 1


@pages.get("/review")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """One month that is over, looked back at."""
    left = keeping.renew(dunnock(), organisation.id, seconds=_PATIENCE)
    found = None if left else _reviewed(organisation)
    return render_template(
        "pages/insight/review.html",
        organisation=organisation,
        review=found,
        by_currency=[review_sheets.section(one) for one in found.currencies] if found else [],
        months_to_come=left,
        columns=_columns(found.month) if found else (),
        of_month=of_month,
    )


def _columns(month: date) -> tuple[tuple[str, str, date], ...]:
    """What the table compares: the name of the value in a line, the words above it, and the month it is of."""
    return (
        ("now", written.month(month), month),
        ("before", _("Month before"), months_back(month, 1)),
        ("year_ago", _("Year before"), months_back(month, YEAR_OF_MONTHS)),
    )


@pages.get("/review.<form>")
@member(Right.VIEW)
def file(organisation: Organisation, form: str) -> ResponseReturnValue:
    """The same as a file: for the board (PDF), or for a spreadsheet."""
    if form not in _TYPES:
        abort(404)
    keeping.renew(dunnock(), organisation.id)
    found = _reviewed(organisation) or abort(404)
    if form == "pdf":
        content = review_sheets.pdf(organisation, found)
    else:
        table = review_sheets.table(found)
        content = csv_of(table) if form == "csv" else workbook_of([table], clock.today(organisation.timezone))
    name = f"review {found.month:%Y-%m}.{form}"
    return Response(
        content,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _reviewed(organisation: Organisation) -> Review | None:
    """The month that was asked for, else the newest; 404 for one of which nothing is known."""
    word = request.args.get("month", "")
    try:
        month = date.fromisoformat(f"{word}-01") if word else None
    except ValueError:
        abort(400, _("Choose a month from the list."))
    kept_results.renew(dunnock(), organisation.id, monthly.KEPT, reminders.OF_MONTHS)
    with dunnock().database.read(organisation.id) as session:
        found = review(session, organisation, month, clock.today(organisation.timezone))
    return abort(404) if found is None and month else found


@pages.get("/targets")
@member(Right.VIEW)
def targets(organisation: Organisation) -> ResponseReturnValue:
    """What the figures are to be, currency by currency."""
    keeping.renew(dunnock(), organisation.id, seconds=_PATIENCE)
    return _targets_page(organisation, {})


@pages.post("/targets")
@member(Right.CHANGE_SETTINGS)
def set_targets(organisation: Organisation) -> ResponseReturnValue:
    """Set the targets of one currency; a field that is left empty takes the target away."""
    form = request.form
    currency = form.get("currency", "")
    keeping.renew(dunnock(), organisation.id, seconds=_PATIENCE)
    try:
        with dunnock().database.write(organisation.id) as session:
            if currency not in queries.currencies(session, organisation):
                abort(404)
            wanted = {
                name: _typed(name, form.get(name, ""))
                for name in MORE_IS_BETTER
                if form.get(name, "").strip()
            }
            service.set_targets(
                session, organisation.id, currency, wanted, by=acting_person(), now=clock.now()
            )
    except UserError as problem:
        return _targets_page(organisation, form, str(problem)), 422
    flash(_("The targets of %(currency)s stand.", currency=currency))
    return redirect(url_for("review.targets", organisation_id=organisation.id))


def _typed(name: str, words: str) -> Decimal:
    """A number of days or per cent with at most one decimal, however its comma is written."""
    found = typed_amount(words)
    meant = (
        {one for one in found.amounts if one == round(one, _PLACES)}
        if found and not found.currency
        else set()
    )
    if len(meant) != 1:
        raise UserError(
            _("“%(words)s” is no target for %(figure)s: give a number such as 35 or 35.5.", words=words[:20],
              figure=_(KINDS[name].title))
        )  # fmt: skip
    return meant.pop()


def _targets_page(organisation: Organisation, typed: Mapping[str, str], problem: str = "") -> str:
    with dunnock().database.read(organisation.id) as session:
        there = queries.targets(session, organisation.id)
        currencies = queries.currencies(session, organisation)
    return render_template(
        "pages/insight/targets.html",
        organisation=organisation,
        currencies=currencies,
        targets=there,
        names={name: _(KINDS[name].title) for name in MORE_IS_BETTER},
        more_is_better=MORE_IS_BETTER,
        per_cent=PER_CENT,
        typed=typed,
        problem=problem,
    )
