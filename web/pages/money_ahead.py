"""Money ahead: what is likely to come, week by week, and how earlier weeks came out."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from kit import clock
from kit.spreadsheet import Cell, csv_stream
from services import kept_results
from services.payer import money_ahead as service
from services.roles import Right
from store.models import Organisation
from web.security import dunnock, member

money_ahead = Blueprint("money_ahead", __name__, url_prefix="/organisations/<organisation_id>/money-ahead")

_HEADING = ("currency", "week_from", "expected", "low", "high", "promised")


@money_ahead.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Twelve weeks by currency, what is left out, and the last weeks."""
    kept_results.renew(dunnock(), organisation.id, service.KEPT)
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        ahead = service.KEPT.told(session, organisation, today)
        home = organisation.base_currency
        return render_template(
            "pages/insight/money_ahead.html",
            organisation=organisation,
            ahead=ahead,
            due=sorted(ahead.due.items(), key=lambda one: (one[0] != home, one[0])),
            came_out=service.came_out(session, organisation.id, today),
        )


@money_ahead.get("/weeks.csv")
@member(Right.VIEW)
def file(organisation: Organisation) -> ResponseReturnValue:
    """The weeks as a table."""
    kept_results.renew(dunnock(), organisation.id, service.KEPT)
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        ahead = service.KEPT.told(session, organisation, today)
    rows: list[Sequence[Cell]] = [
        (one.currency, week.first, week.expected, week.low, week.high, week.promised)
        for one in ahead.currencies
        for week in one.weeks
    ]
    return Response(
        b"".join(csv_stream(_HEADING, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="money ahead {today}.csv"'},
    )
