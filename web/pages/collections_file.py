"""Handing a customer over to a collections agency: the page, and the file."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from integration.ledger import BookingLedger, Lane
from kit import clock
from kit.errors import UserError
from kit.zip_stream import file_name
from services import collections_file as service
from services import doors
from services.ledger_access import open_ledger
from services.roles import Right
from store.models import Organisation
from store.queries import customers
from web.security import acting_person, dunnock, member

collections_file = Blueprint(
    "collections_file",
    __name__,
    url_prefix="/organisations/<organisation_id>/contacts/<contact_id>/hand-over",
)


@collections_file.get("")
@member(Right.CHANGE_CHASING)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """What handing over does."""
    return _page(organisation, contact_id)


@collections_file.post("")
@member(Right.CHANGE_CHASING)
def hand_over(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Record it, put the customer on hold, and give out the file."""
    app, now = dunnock(), clock.now()
    try:
        with app.database.write(organisation.id) as session:
            case = service.hand_over(
                session,
                organisation,
                contact_id,
                agency=request.form.get("agency", ""),
                by=acting_person(),
                now=now,
            )
    except UserError as error:
        return _page(organisation, contact_id, str(error)), 422
    for door in (doors.NOTES, doors.PLAN):
        app.soft_doorbell.ring(door, organisation.id)

    @cache
    def ledger() -> BookingLedger:
        return open_ledger(app, organisation.id, Lane.NEWS)

    name = quote(f"{file_name(case.contact.name, 'customer')} {case.today}.zip", safe="")
    return Response(
        service.stream(case, ledger, now),
        content_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _page(organisation: Organisation, contact_id: str, problem: str = "") -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
    return render_template(
        "pages/late_payment/hand_over.html",
        organisation=organisation,
        contact=contact,
        problem=problem,
        agency=request.form.get("agency", ""),
    )
