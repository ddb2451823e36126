"""All invoices in one list: filtered, sorted, searched, and taken along as a spreadsheet."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from kit import clock
from services import invoice_grid as service
from services.roles import Right
from store.models import Organisation
from store.queries import customers
from store.queries import invoice_grid as queries
from web.pages.exports import file_of
from web.pages.invoice_list import COLUMNS, PER_PAGE, asked_invoices
from web.pages.list_asked import choices
from web.security import dunnock, member

invoice_grid = Blueprint("invoice_grid", __name__, url_prefix="/organisations/<organisation_id>/invoices")


@invoice_grid.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """A page of the list, or all of it as a file."""
    if (form := request.args.get("format")) in ("csv", "xlsx") and not asked_invoices().problem:
        return file_of(organisation, "invoices", form)
    asked, today, now = asked_invoices(), clock.today(organisation.timezone), clock.now()
    with dunnock().database.read(organisation.id) as session:
        found = service.grid(
            session,
            organisation.id,
            asked.wanted,
            today=today,
            now=now,
            limit=PER_PAGE,
            offset=(asked.page - 1) * PER_PAGE,
        )
        sums = queries.sums(session, organisation.id, asked.wanted, today, organisation.base_currency)
        choosing = choices(session, organisation.id)
        of = asked.wanted.contact_id and customers.contact(session, organisation.id, asked.wanted.contact_id)
    return render_template(
        "pages/invoices/index.html",
        organisation=organisation,
        found=found,
        asked=asked,
        sums=sums,
        choices=choosing,
        of=of or None,
        columns=COLUMNS,
        problem=asked.problem,
        page_count=-(-found.total // PER_PAGE),
    )
