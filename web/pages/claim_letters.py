"""Letters before action to one customer: make, look, say go, post."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.pre_action import PROTOCOL
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import claim_letter_sheet, doors
from services import claim_letters as service
from services.claim_letters import Wording
from services.roles import Right
from store.models import ClaimLetter, Organisation
from store.queries import claim_letters as queries
from store.queries import customers
from web.security import acting_person, dunnock, member

claim_letters = Blueprint(
    "claim_letters",
    __name__,
    url_prefix="/organisations/<organisation_id>/contacts/<contact_id>/letters-before-action",
)


@claim_letters.get("")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The letters there are, and the form of a new one."""
    return _page(organisation, contact_id)


@claim_letters.post("")
@member(Right.CHANGE_CHASING)
def make(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Make a letter."""
    names = ("address", "own_address", "agreement", "how_to_pay")
    typed = {name: request.form.get(name, "") for name in names}
    try:
        with dunnock().database.write(organisation.id) as session:
            service.make(session, organisation, contact_id, Wording(**typed), by=_name(), now=clock.now())
    except UserError as error:
        return _page(organisation, contact_id, typed, str(error)), 422
    flash(_("Made. Read it, and have somebody say go."))
    return _back(organisation, contact_id)


@claim_letters.get("/<letter_id>")
@member(Right.VIEW)
def pdf(organisation: Organisation, contact_id: str, letter_id: str) -> ResponseReturnValue:
    """The letter as PDF."""
    with dunnock().database.read(organisation.id) as session:
        letter = queries.letter(session, organisation.id, contact_id, letter_id) or abort(404)
    return Response(
        claim_letter_sheet.pdf(organisation, letter),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="letter-before-action-{letter.dated}.pdf"'},
    )


@claim_letters.post("/<letter_id>/approve")
@member(Right.CHANGE_CHASING)
def approve(organisation: Organisation, contact_id: str, letter_id: str) -> ResponseReturnValue:
    """Say go."""
    return _change(
        organisation,
        contact_id,
        _("You have said go. Print it, sign it and post it today or tomorrow."),
        lambda session: service.approve(
            session, organisation.id, contact_id, letter_id, by=_name(), now=clock.now()
        ),
    )


@claim_letters.post("/<letter_id>/withdraw")
@member(Right.CHANGE_CHASING)
def withdraw(organisation: Organisation, contact_id: str, letter_id: str) -> ResponseReturnValue:
    """Give it up."""
    return _change(
        organisation,
        contact_id,
        _("Withdrawn."),
        lambda session: service.withdraw(session, organisation.id, contact_id, letter_id),
    )


@claim_letters.post("/<letter_id>/posted")
@member(Right.CHANGE_CHASING)
def posted(organisation: Organisation, contact_id: str, letter_id: str) -> ResponseReturnValue:
    """Say that it is on its way."""
    return _change(
        organisation,
        contact_id,
        _("Recorded. Chasing waits until the deadline and some days of post."),
        lambda session: service.posted(
            session,
            organisation,
            contact_id,
            letter_id,
            enclosed="enclosed" in request.form,
            by=_name(),
            now=clock.now(),
        ),
    )


def _change(
    organisation: Organisation, contact_id: str, done: str, change: Callable[[Session], ClaimLetter]
) -> ResponseReturnValue:
    try:
        with dunnock().database.write(organisation.id) as session:
            change(session)
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(done)
        for door in (doors.NOTES, doors.PLAN):
            dunnock().soft_doorbell.ring(door, organisation.id)
    return _back(organisation, contact_id)


def _page(
    organisation: Organisation, contact_id: str, typed: dict[str, str] | None = None, problem: str = ""
) -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        letters = queries.of_contact(session, organisation.id, contact_id)
        rules, missing = None, ""
        try:
            rules = service.rules_for(session, organisation.id, contact)
        except UserError as error:
            missing = str(error)
    return render_template(
        "pages/late_payment/letters.html",
        organisation=organisation,
        contact=contact,
        letters=letters,
        rules=rules,
        missing=missing,
        typed=typed or {},
        problem=problem,
        protocol=PROTOCOL,
    )


def _name() -> str:
    return acting_person()


def _back(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    return redirect(url_for("claim_letters.show", organisation_id=organisation.id, contact_id=contact_id))
