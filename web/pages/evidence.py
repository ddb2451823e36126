"""A story to print or to take along: choose what of it, and as what."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from kit.zip_stream import file_name
from services import evidence as service
from services.evidence import Format, Order
from services.roles import Right
from services.timeline import scope_of
from store import audit
from store.models import Contact, Invoice, Organisation
from store.queries import customers
from web.pages.timeline import asked_for
from web.security import acting_person, dunnock, member

evidence = Blueprint("evidence", __name__, url_prefix="/organisations/<organisation_id>")


@evidence.get("/contacts/<contact_id>/evidence")
@member(Right.VIEW)
def of_contact(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """A customer's story as a file, or the page on which to choose it."""
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
    return _answer(organisation, contact, None)


@evidence.get("/invoices/<invoice_id>/evidence")
@member(Right.VIEW)
def of_invoice(organisation: Organisation, invoice_id: str) -> ResponseReturnValue:
    """An invoice's story as a file, or the page on which to choose it."""
    with dunnock().database.read(organisation.id) as session:
        invoice = customers.invoice(session, organisation.id, invoice_id) or abort(404)
        contact = customers.contact(session, organisation.id, invoice.contact_id) or abort(404)
    return _answer(organisation, contact, invoice)


def _answer(organisation: Organisation, contact: Contact, invoice: Invoice | None) -> ResponseReturnValue:
    wish, problem = asked_for()
    word = request.args.get("format", "")
    if not word or problem:
        return _page(organisation, contact, invoice, problem)
    if word not in set(Format):
        abort(400, _("This kind of file does not exist; choose one of those on the page."))
    about = f"invoice {invoice.number} of {contact.name}" if invoice else contact.name
    order = Order(
        scope_of(organisation, contact, invoice),
        replace(wish, after=None, oldest_first=True),
        about,
        acting_person(),
        clock.now(),
    )
    try:
        content = service.stream(dunnock(), order, Format(word))
    except UserError as error:
        return _page(organisation, contact, invoice, str(error)), 422
    with dunnock().database.write(organisation.id) as session:
        audit.note_act(
            session,
            organisation.id,
            act="exported",
            about="timeline",
            contact_id=contact.id,
            invoice_id=invoice.id if invoice else None,
            after={"format": word},
        )
    name = quote(f"{file_name(about, 'timeline')} {clock.today(organisation.timezone)}.{word}", safe="")
    return Response(
        content,
        content_type=service.MEDIA_TYPES[Format(word)],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _page(organisation: Organisation, contact: Contact, invoice: Invoice | None, problem: str) -> str:
    wish, _unused = asked_for()
    return render_template(
        "pages/timeline/evidence.html",
        organisation=organisation,
        contact=contact,
        invoice=invoice,
        wish=wish,
        kind=request.args.get("kind", ""),
        problem=problem,
    )
