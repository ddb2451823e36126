"""The page of figures: how fast customers pay, how much is late, how well collecting goes; and the same as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from credit_control.figures.figure import Period
from kit import clock
from kit.errors import UserError
from kit.spreadsheet import csv_of, workbook_of
from services import kept_results
from services.figures import keeping, kpis, monthly, reminders, tables
from services.figures.monthly import Month
from services.figures.targets import held_against
from services.roles import Right
from store.models import Organisation
from store.queries import figure_targets as targets
from web.pages.counted_links import of_month, of_period
from web.pages.figure_cards import Card, cards
from web.security import dunnock, member

insight = Blueprint("insight", __name__, url_prefix="/organisations/<organisation_id>/reports")

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHOWN_MONTHS: Final = 24
_PATIENCE: Final = 5.0
"""Seconds for which a page makes months anew; a large ledger that is new takes longer, and the clock has a worker go on."""


@dataclass(frozen=True, slots=True)
class Section:
    """All that the page says of one currency."""

    currency: str
    cards: list[Card]
    months: Sequence[Month]


@insight.get("")
@member(Right.VIEW)
def figures(organisation: Organisation) -> ResponseReturnValue:
    """The figures of the period that was asked for, and month by month."""
    today = clock.today(organisation.timezone)
    period = asked_period(today)
    left = keeping.renew(dunnock(), organisation.id, seconds=_PATIENCE)
    kept_results.renew(dunnock(), organisation.id, kpis.KEPT, monthly.KEPT, reminders.OF_A_YEAR)
    with dunnock().database.read(organisation.id) as session:
        found = kpis.kpis(session, organisation, period, today)
        wanted = targets.targets(session, organisation.id)
        months = {} if left else monthly.KEPT.told(session, organisation, today)
    return render_template(
        "pages/insight/figures.html",
        organisation=organisation,
        today=today,
        period=period,
        most_days=kpis.MOST_DAYS,
        of_period=of_period,
        of_month=of_month,
        months_to_come=left,
        by_currency=[
            Section(
                currency,
                cards(each, currency, period, held_against(each, wanted.get(currency, {}))),
                months.get(currency, [])[-_SHOWN_MONTHS:],
            )
            for currency, each in found.items()
        ],
    )


@insight.get("/<what>.<form>")
@member(Right.VIEW)
def file(organisation: Organisation, what: str, form: str) -> ResponseReturnValue:
    """The figures, or the months, as CSV; both as the sheets of one workbook."""
    if (what, form) not in (("figures", "csv"), ("months", "csv"), ("figures", "xlsx")):
        abort(404)
    today = clock.today(organisation.timezone)
    period = asked_period(today)
    keeping.renew(dunnock(), organisation.id)
    with dunnock().database.read(organisation.id) as session:
        of_period = tables.figures(kpis.kpis(session, organisation, period, today), period)
        of_months = tables.months(monthly.by_month(session, organisation.id, today))
    if form == "csv":
        content = csv_of(of_period if what == "figures" else of_months)
    else:
        content = workbook_of([of_period, of_months], today)
    return Response(
        content,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{what} {period.last}.{form}"'},
    )


def asked_period(today: date) -> Period:
    """The period of the query string, a year up to today where it names none; 400 for one that cannot be."""
    day, days = request.args.get("on", "").strip(), request.args.get("days", "").strip()
    try:
        on = date.fromisoformat(day) if day else today
        return kpis.period_up_to(
            on,
            int(days) if days.isdecimal() and len(days) < 5 else 0 if days else reminders.USUAL_DAYS,
            today,
        )
    except UserError as problem:
        abort(400, str(problem))
    except ValueError:
        abort(400)
