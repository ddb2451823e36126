"""Notes that people write down about a customer or an invoice."""

from __future__ import annotations

from functools import reduce

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import _, ngettext
from services import doors, note_rules, notebook
from services.roles import Right
from store.models import Contact, Invoice, Organisation
from store.queries import customers, senders
from web.once import count_once
from web.security import acting_person, dunnock, member
from web.undo import flash_correction

pages = Blueprint("notebook", __name__, url_prefix="/organisations/<organisation_id>/contacts/<contact_id>")


@pages.get("/notes")
@member(Right.VIEW)
def form(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The form on a page of its own."""
    return _page(organisation, contact_id)


@pages.post("/notes")
@member(Right.RECORD)
def write(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Write a note down, or show what is wrong with everything that was typed."""
    try:
        with dunnock().database.write(organisation.id) as session:
            _contact, invoice = _about(session, organisation, contact_id)
            home = _home(organisation, contact_id, invoice)
            count_once(session, organisation.id, home)
            written = notebook.write_down(
                session,
                session.get_one(Organisation, organisation.id),
                contact_id,
                [invoice] if invoice else [],
                request.form.get("text", ""),
                by=acting_person(),
                now=clock.now(),
                home=dunnock().settings.public_url,
                with_text="private" not in request.form,
            )
            told = [senders.name_of(session, task.owner_id) for task in written.tasks]
    except UserError as problem:
        return _page(organisation, contact_id, str(problem)), 422
    for door in (doors.NOTES, doors.NOTICES):
        dunnock().soft_doorbell.ring(door, organisation.id)
    if told:
        flash(
            ngettext(
                "Written down. %(names)s has a task and a mail.",
                "Written down. %(names)s have a task and a mail.",
                len(told),
                names=reduce(_both, told),
            )
        )
    else:
        flash_correction(_("Written down."), organisation, contact_id)
    return redirect(home)


def _home(organisation: Organisation, contact_id: str, invoice: Invoice | None) -> str:
    if invoice:
        return url_for("invoices.show", organisation_id=organisation.id, invoice_id=invoice.id)
    return url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id)


@pages.post("/note-text")
@member(Right.CHANGE_CHASING)
def choose_text(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Whether notes on this customer say what was said."""
    try:
        with dunnock().database.write(organisation.id) as session:
            choice = request.form.get("note_text", "") or None
            note_rules.choose_for(session, organisation.id, contact_id, choice)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Saved. It holds for notes that are not written to Xero yet."))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


def _page(organisation: Organisation, contact_id: str, problem: str = "") -> str:
    with dunnock().database.read(organisation.id) as session:
        contact, invoice = _about(session, organisation, contact_id)
        return render_template(
            "pages/notebook/write.html",
            organisation=organisation,
            contact=contact,
            invoice=invoice,
            problem=problem,
            typed=request.form,
            colleagues=senders.colleagues(session, organisation.id),
        )


def _about(session: Session, organisation: Organisation, contact_id: str) -> tuple[Contact, Invoice | None]:
    """The customer, and the invoice of it that was named; 404 for a stranger's."""
    contact = customers.contact(session, organisation.id, contact_id) or abort(404)
    wanted = request.values.get("invoice")
    if not wanted:
        return contact, None
    invoice = customers.invoice(session, organisation.id, wanted)
    if invoice is None or invoice.contact_id != contact_id:
        abort(404)
    return contact, invoice


def _both(one: str, other: str) -> str:
    return _("%(several)s and %(last)s", several=one, last=other)
