"""The people of a customer: who has which role, the yes to an address that changed, who is away, and where no mail goes."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.contact_law import Way
from credit_control.contacting import NOUNS
from credit_control.people import Role
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import absences, contact_wishes, doors, stopped_addresses
from services import people as service
from services.changes import change_of_chasing
from services.contact_wishes import Wish
from services.people import Entry
from services.people_list import everybody
from services.roles import Right
from store.models import Organisation
from store.queries import customers
from web.pages.roles import ROLES
from web.security import acting_person, dunnock, member

people = Blueprint("people", __name__, url_prefix="/organisations/<organisation_id>/contacts/<contact_id>")

_AWAY = {"accept": absences.accept, "dismiss": absences.dismiss, "back": absences.back}
_ROLES = {role.value for role in Role}
_WISHES = {"preferred": Wish.PREFERRED, "unwanted": Wish.UNWANTED, "none": None}


@people.get("/people")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Everybody at a customer, with a form for each who is entered here."""
    return _page(organisation, contact_id)


@people.post("/people")
@member(Right.RUN)
def add(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Enter somebody, or give roles to one of the ledger's persons."""
    entry = _entry()
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            service.add(session, organisation.id, contact_id, entry, _name())
    except UserError as problem:
        return _page(organisation, contact_id, entry, str(problem)), 422
    flash(_("Saved. What is planned goes to the right people from now on."))
    return _back(organisation, contact_id)


@people.post("/people/<person_id>")
@member(Right.RUN)
def change(organisation: Organisation, contact_id: str, person_id: str) -> ResponseReturnValue:
    """Change who is entered, or take somebody out again."""
    entry, found = _entry(), True
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            if request.form.get("do") == "remove":
                found = service.remove(session, organisation.id, person_id, _name())
            else:
                found = bool(service.change(session, organisation.id, person_id, entry, _name()))
    except UserError as problem:
        return _page(organisation, contact_id, entry, str(problem), person_id), 422
    if not found:
        abort(404)
    flash(_("Removed.") if request.form.get("do") == "remove" else _("Saved."))
    return _back(organisation, contact_id)


@people.post("/right-address")
@member(Right.RUN)
def confirm(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Say that an address that changed is right."""
    address = request.form.get("address", "")
    with change_of_chasing(dunnock(), organisation.id) as session:
        said = service.confirm_address(session, organisation.id, contact_id, address, _name())
    if said:
        flash(_("Noted that %(address)s is right. What waited for this can leave.", address=address))
    else:
        flash(_("This address waits for no word any more."), "problem")
    if request.form.get("from") == "data-health":
        return redirect(url_for("data_health.show", organisation_id=organisation.id))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


@people.post("/away")
@member(Right.RUN)
def away(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Take a stand-in for a person of the customer or leave them alone, or say that somebody is back."""
    act = _AWAY.get(request.form.get("do", "")) or abort(400)
    address = request.form.get("address", "")
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            act(session, organisation.id, contact_id, address, by=_name(), now=clock.now())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Noted."))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


@people.post("/wishes")
@member(Right.RECORD)
def wish(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Note how a customer likes to hear from us or how not, or take that back."""
    form = request.form
    if form.get("channel") not in set(Way) or form.get("do") not in _WISHES:
        abort(400)
    way, how = Way(form["channel"]), form.get("how", "").replace("\x00", "").strip()
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            contact_wishes.change(
                session,
                organisation.id,
                contact_id,
                way,
                _WISHES[form["do"]],
                how=how,
                by=_name(),
                now=clock.now(),
            )
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Noted."))
    dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
    return _back(organisation, contact_id)


@people.post("/stopped-address")
@member(Right.RUN)
def stopped_address(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Write to the proposed person instead of an address that no mail goes to, or let mail go there again."""
    do, address = request.form.get("do", ""), request.form.get("address", "")
    if do not in ("accept", "lift"):
        abort(400)
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            said = _settle(session, organisation.id, contact_id, do, address)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
        flash(said)
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


def _settle(session: Session, organisation_id: str, contact_id: str, do: str, address: str) -> str:
    by, now = _name(), clock.now()
    if do == "accept":
        person = stopped_addresses.accept(session, organisation_id, contact_id, address, by=by, now=now)
        return _("%(shown)s is written to from now on.", shown=person.shown)
    reason = request.form.get("reason", "").replace("\x00", "")
    stopped_addresses.lift(session, organisation_id, contact_id, address, reason=reason, by=by, now=now)
    return _("Mail goes to %(address)s again.", address=address)


def _entry() -> Entry:
    form = request.form
    return Entry(
        form.get("name", "").replace("\x00", ""),
        form.get("email", ""),
        form.get("mobile", ""),
        tuple(Role(value) for value in dict.fromkeys(form.getlist("roles")) if value in _ROLES),
    )


def _page(
    organisation: Organisation,
    contact_id: str,
    typed: Entry | None = None,
    problem: str = "",
    person_id: str = "",
) -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        return render_template(
            "pages/contacts/people.html",
            organisation=organisation,
            contact=contact,
            found=everybody(session, contact),
            typed=typed,
            problem=problem,
            person_id=person_id,
            roles=ROLES,
            ways=NOUNS,
        )


def _back(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    return redirect(url_for("people.show", organisation_id=organisation.id, contact_id=contact_id))


def _name() -> str:
    return acting_person()
