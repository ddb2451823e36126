"""What was done for each client in a month, to look at and to take along for billing."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.spreadsheet import csv_of, workbook_of
from services import practice_usage as service
from web.practice import Place, of_practice
from web.security import dunnock

usage = Blueprint("practice_usage", __name__, url_prefix="/practice/<practice_id>")

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@usage.get("/usage")
@of_practice(admin=True)
def show(place: Place) -> ResponseReturnValue:
    """The clients with their figures of one month."""
    month, today = _month(), clock.now().date()
    with dunnock().database.read_across() as session:
        rows = service.of_practice(session, place.practice.id, month)
    following = (month + timedelta(days=32)).replace(day=1)
    return render_template(
        "pages/practice/usage.html",
        place=place,
        month=month,
        before=(month - timedelta(days=1)).replace(day=1),
        following=following if following <= today else None,
        rows=rows,
    )


@usage.get("/usage.<form>")
@of_practice(admin=True)
def file(place: Place, form: str) -> ResponseReturnValue:
    """The same as a file."""
    if form not in _MEDIA_TYPES:
        abort(404)
    month = _month()
    with dunnock().database.read_across() as session:
        table = service.table(month, service.of_practice(session, place.practice.id, month))
    content = csv_of(table) if form == "csv" else workbook_of([table], clock.now().date())
    return Response(
        content,
        content_type=_MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="usage-{month:%Y-%m}.{form}"'},
    )


def _month() -> date:
    try:
        return service.month_of(request.args.get("month", ""), clock.now().date())
    except UserError as problem:
        abort(400, str(problem))
