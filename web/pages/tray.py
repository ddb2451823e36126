"""What stands below the replies in the inbox: mails that nobody could place, and payments that are said to have been made."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import doors, paid_claims, tray
from services.roles import Right
from store.models import Organisation
from store.queries import replies as queries
from web.security import acting_person, dunnock, member

pages = Blueprint("tray", __name__, url_prefix="/organisations/<organisation_id>/inbox")


@pages.post("/tray/<stray_id>/assign")
@member(Right.RECORD)
def assign(organisation: Organisation, stray_id: str) -> ResponseReturnValue:
    """Say which customer a mail is from."""
    try:
        with dunnock().database.write(organisation.id) as session:
            contact_id = request.form.get("contact", "") or _named(session, organisation.id)
            domain = dunnock().settings.inbound_mail_domain
            row = tray.assign(
                session, organisation.id, stray_id, contact_id, domain=domain, by=_name(), now=clock.now()
            )
            reply_id = row.communication_id or ""
    except UserError as error:
        flash(str(error), "problem")
        return redirect(url_for("inbox.index", organisation_id=organisation.id))
    _ring(organisation, doors.PLAN, doors.NOTES)
    return redirect(url_for("inbox.show", organisation_id=organisation.id, reply_id=reply_id))


def _named(session: Session, organisation_id: str) -> str:
    """The customer whose name was typed. ``UserError`` where it is not exactly one."""
    name = request.form.get("customer", "").strip()
    found = queries.contacts_named(session, organisation_id, name) if name else []
    if len(found) != 1:
        raise UserError(
            _(
                "There is no single customer of the name “%(name)s”; type it as it stands in the ledger.",
                name=name,
            )
        )
    return found[0]


@pages.post("/tray/<stray_id>/dismiss")
@member(Right.RECORD)
def dismiss(organisation: Organisation, stray_id: str) -> ResponseReturnValue:
    """It concerns no customer."""
    try:
        with dunnock().database.write(organisation.id) as session:
            tray.dismiss(session, organisation.id, stray_id, by=_name(), now=clock.now())
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(_("Put away. It concerns no customer."))
    return redirect(url_for("inbox.index", organisation_id=organisation.id))


@pages.post("/claims/<claim_id>")
@member(Right.RECORD)
def decide(organisation: Organisation, claim_id: str) -> ResponseReturnValue:
    """Decide about a payment that was claimed: it has not come, or it gets more time."""
    try:
        with dunnock().database.write(organisation.id) as session:
            if request.form.get("wait"):
                row = session.get_one(Organisation, organisation.id)
                paid_claims.wait_longer(session, row, claim_id, by=_name(), now=clock.now())
                said = "It gets five more working days."
            else:
                paid_claims.refute(session, organisation.id, claim_id, by=_name(), now=clock.now())
                said = "Chasing of these invoices goes on."
    except UserError as error:
        flash(str(error), "problem")
    else:
        _ring(organisation, doors.PLAN)
        flash(said)
    return redirect(url_for("inbox.index", organisation_id=organisation.id))


def _ring(organisation: Organisation, *names: str) -> None:
    for door in names:
        dunnock().soft_doorbell.ring(door, organisation.id)


def _name() -> str:
    return acting_person()
