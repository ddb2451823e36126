"""What one person of a customer has a right to: what is held of them, and to be erased."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services.data_rights import erasure, exports, person_erasure
from services.roles import Right
from store.models import Contact, Organisation
from store.queries import customers
from web.proving import proven
from web.security import acting_person, dunnock, member

person_rights = Blueprint(
    "person_rights",
    __name__,
    url_prefix="/organisations/<organisation_id>/data/customers/<contact_id>/people/<mark>",
)


@person_rights.get("")
@member(Right.CHANGE_SETTINGS)
def show(organisation: Organisation, contact_id: str, mark: str) -> ResponseReturnValue:
    """What is held of one person, and what erasing them would do."""
    return _page(organisation, contact_id, mark)


@person_rights.post("/exports")
@member(Right.TAKE_ALONG)
def export(organisation: Organisation, contact_id: str, mark: str) -> ResponseReturnValue:
    """Have what is held of the person written into a file."""
    try:
        exports.ask(dunnock(), organisation.id, acting_person(), contact_id, mark)
    except UserError as problem:
        return _page(organisation, contact_id, mark, problem=str(problem)), 422
    flash(_("The file is being written. Come back to this page for it."))
    return _to_customer(organisation, contact_id)


@person_rights.post("/erasure")
@member(Right.TAKE_ALONG)
@proven("erase a person of a customer")
def erase(organisation: Organisation, contact_id: str, mark: str) -> ResponseReturnValue:
    """Erase the person, for good."""
    try:
        person_erasure.ask(
            dunnock(),
            organisation.id,
            contact_id,
            mark,
            because=request.form.get("because", ""),
            typed=request.form.get("name", ""),
            kept_elsewhere=request.form.get("kept_elsewhere") == "yes",
            by=acting_person(),
        )
    except UserError as problem:
        return _page(organisation, contact_id, mark, problem=str(problem), erasing=True), 422
    flash(_("The person was erased."))
    return _to_customer(organisation, contact_id)


def _to_customer(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    return redirect(url_for("customer_rights.show", organisation_id=organisation.id, contact_id=contact_id))


def _page(
    organisation: Organisation, contact_id: str, mark: str, *, problem: str = "", erasing: bool = False
) -> str:
    with dunnock().database.read(organisation.id) as session:
        contact: Contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        try:
            preview = person_erasure.preview(session, organisation, contact, mark, clock.now())
        except UserError:
            abort(404)
        return render_template(
            "pages/customer_rights/person.html",
            organisation=organisation,
            contact=contact,
            mark=mark,
            preview=preview,
            why=erasure.WHY,
            typed=request.form,
            problem=problem,
            erasing=erasing,
        )
