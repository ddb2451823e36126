"""What a customer has a right to: everything that is held of it, to be restricted, and to be erased."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import restriction, search
from services.data_rights import erasure, exports, persons
from services.roles import Right
from store.models import Contact, Organisation
from store.queries import customers, data_exports, erasures
from store.queries import search as search_queries
from web.pages.links import contact_in_ledger
from web.proving import proven
from web.security import acting_person, dunnock, member

customer_rights = Blueprint(
    "customer_rights", __name__, url_prefix="/organisations/<organisation_id>/data/customers"
)

_MOST = 50
_ZIP = "application/zip"


@customer_rights.get("")
@member(Right.CHANGE_SETTINGS)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Find a customer by name or address, and see who was erased."""
    asked = request.args.get("q", "").strip()[:200]
    with dunnock().database.read(organisation.id) as session:
        wanted = search.asked_of(asked)
        found = search_queries.customers(session, organisation.id, wanted, _MOST)[0] if wanted else []
        erased = erasures.listed(session, organisation.id, _MOST)
        known = bool(asked) and not found and erasures.was_erased(session, organisation.id, asked)
    return render_template(
        "pages/customer_rights/index.html",
        organisation=organisation,
        asked=asked,
        found=found,
        erased=erased,
        known=known,
        why=erasure.WHY,
    )


@customer_rights.get("/<contact_id>")
@member(Right.CHANGE_SETTINGS)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """What is held of one customer, and what can be done with it."""
    return _page(organisation, contact_id)


@customer_rights.post("/<contact_id>/exports")
@member(Right.TAKE_ALONG)
def export(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Have everything that is held of the customer written into a file."""
    try:
        exports.ask(dunnock(), organisation.id, acting_person(), contact_id)
    except UserError as problem:
        return _page(organisation, contact_id, export_problem=str(problem)), 422
    flash(_("The file is being written. Come back to this page for it."))
    return _back(organisation, contact_id)


@customer_rights.get("/<contact_id>/exports/<export_id>")
@member(Right.TAKE_ALONG)
@proven("fetch what is held of a customer")
def download(organisation: Organisation, contact_id: str, export_id: str) -> ResponseReturnValue:
    """Fetch a file that is ready."""
    try:
        name, content = exports.stream(dunnock(), organisation.id, export_id, contact_id)
    except UserError as problem:
        return _page(organisation, contact_id, export_problem=str(problem)), 404
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, content_type=_ZIP, headers={"Content-Disposition": disposition})


@customer_rights.post("/<contact_id>/restriction")
@member(Right.TAKE_ALONG)
def restrict(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Keep the customer and write to it no more, or end that."""
    on = request.form.get("on") == "yes"
    try:
        restriction.restrict(dunnock(), organisation.id, contact_id, on=on, by=acting_person())
    except UserError as problem:
        return _page(organisation, contact_id, restriction_problem=str(problem)), 422
    flash(_("Restricted. Nobody writes to this customer.") if on else _("The restriction has ended."))
    return _back(organisation, contact_id)


@customer_rights.post("/<contact_id>/legal-hold")
@member(Right.TAKE_ALONG)
def hold(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Keep everything of the customer whatever its age, or end that."""
    on = request.form.get("on") == "yes"
    try:
        restriction.hold_by_law(dunnock(), organisation.id, contact_id, on=on, by=acting_person())
    except UserError as problem:
        return _page(organisation, contact_id, restriction_problem=str(problem)), 422
    flash(
        _("Under legal hold. Nothing of this customer is erased.") if on else _("The legal hold has ended.")
    )
    return _back(organisation, contact_id)


@customer_rights.post("/<contact_id>/erasure")
@member(Right.TAKE_ALONG)
@proven("erase a customer")
def erase(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Erase the customer, for good."""
    try:
        erasure.ask(
            dunnock(),
            organisation.id,
            contact_id,
            because=request.form.get("because", ""),
            typed=request.form.get("name", ""),
            kept_elsewhere=request.form.get("kept_elsewhere") == "yes",
            by=acting_person(),
        )
    except UserError as problem:
        return _page(organisation, contact_id, erasure_problem=str(problem)), 422
    flash(_("The customer is being erased. In a few minutes nothing personal of it is left here."))
    return _back(organisation, contact_id)


@customer_rights.post("/<contact_id>/again")
@member(Right.TAKE_ALONG)
@proven("take up a customer again")
def take_up(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Have a customer who was erased read from the ledger again."""
    try:
        erasure.take_up_again(dunnock(), organisation.id, contact_id)
    except UserError as problem:
        return _page(organisation, contact_id, erasure_problem=str(problem)), 422
    flash(_("The customer is being read from Xero again."))
    return _back(organisation, contact_id)


def _back(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    return redirect(url_for("customer_rights.show", organisation_id=organisation.id, contact_id=contact_id))


def _page(
    organisation: Organisation,
    contact_id: str,
    *,
    export_problem: str = "",
    restriction_problem: str = "",
    erasure_problem: str = "",
) -> str:
    with dunnock().database.read(organisation.id) as session:
        contact: Contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        return render_template(
            "pages/customer_rights/show.html",
            organisation=organisation,
            contact=contact,
            erased=erasures.of(session, organisation.id, contact_id),
            people=persons.listed(session, contact),
            preview=erasure.preview(session, organisation, contact, clock.now()),
            exports=data_exports.listed(session, organisation.id, contact_id),
            kept_days=exports.KEPT.days,
            ledger_link=contact_in_ledger(organisation, contact),
            why=erasure.WHY,
            typed=request.form,
            export_problem=export_problem,
            restriction_problem=restriction_problem,
            erasure_problem=erasure_problem,
        )
