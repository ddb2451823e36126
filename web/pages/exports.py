"""Every list as a file: what is filtered, all of it, read and written as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flask import Blueprint, Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit import clock
from kit.spreadsheet import csv_stream, workbook_stream
from services import foresight
from services import list_exports as service
from services.list_exports import Sheet
from services.roles import Right
from store.models import Organisation
from web.pages import customer_list, invoice_list
from web.pages.list_asked import columns
from web.security import dunnock, member

exports = Blueprint("exports", __name__, url_prefix="/organisations/<organisation_id>/exports")

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SECONDS: Final = 5.0
"""For so long what has changed since is looked at before the file of the queue begins; the jobs see to the rest."""
_LISTS: Final = service.PLAIN | {"customers", "invoices"}


@exports.get("/<page>.<form>")
@member(Right.VIEW)
def file(organisation: Organisation, page: str, form: str) -> ResponseReturnValue:
    """The list of a page as its query string narrows it, as CSV or XLSX."""
    if page not in _LISTS or form not in _TYPES:
        abort(404)
    return file_of(organisation, page, form)


def file_of(organisation: Organisation, page: str, form: str) -> Response:
    """The file, written while it is sent."""
    if page == "customers":
        customer_list.wanted_customers()
    elif page == "invoices":
        invoice_list.wanted_invoices()  # what cannot be is said before a file is begun
    elif page == "queue":
        foresight.foresee(dunnock(), organisation.id, seconds=_SECONDS)
    today = clock.today(organisation.timezone)

    def content() -> Iterator[bytes]:
        with dunnock().database.read(organisation.id) as session:
            sheet = _sheet(session, organisation, page)
            if form == "csv":
                yield from csv_stream(sheet.heading, sheet.rows)
            else:
                yield from workbook_stream(page, sheet.heading, sheet.rows, today)

    return Response(
        stream_with_context(content()),
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{page} {today}.{form}"'},
    )


def _sheet(session: Session, organisation: Organisation, page: str) -> Sheet:
    if page == "customers":
        chosen = columns(tuple(customer_list.COLUMNS), customer_list.USUAL)
        return service.customer_sheet(session, organisation, customer_list.wanted_customers(), chosen)
    if page == "invoices":
        chosen = columns(tuple(invoice_list.COLUMNS), tuple(invoice_list.COLUMNS))
        return service.invoice_sheet(session, organisation, invoice_list.wanted_invoices(), chosen)
    return service.plain_sheet(session, organisation, page, request.args.get("show", ""))
