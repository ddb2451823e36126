"""Who is on stop or on watch, for whoever takes orders; and putting customers on watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.credit.status import AccountStatus
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services.credit import accounts, watches
from services.roles import Right
from store.models import Organisation
from store.queries import customers
from web.pages.list_asked import searched
from web.security import acting_person, dunnock, member

account_status = Blueprint("account_status", __name__, url_prefix="/organisations/<organisation_id>")

_TABS: Final = {
    "": N_("On stop or watch"),
    AccountStatus.ON_STOP.value: N_("On stop"),
    AccountStatus.WATCH.value: N_("On watch"),
    accounts.PROPOSALS: N_("Proposed"),
}


@account_status.get("/accounts")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """All customers on stop or on watch, and those of whom a rule proposes so."""
    show, search = request.args.get("show", ""), searched()
    if show not in _TABS:
        abort(400, _("There is no such list; choose one of those on the page."))
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        found = accounts.lines(session, organisation.id, today, search)
    found[""] = [*found[AccountStatus.ON_STOP], *found[AccountStatus.WATCH]]
    return render_template(
        "pages/credit/accounts.html",
        organisation=organisation,
        lines=found[show],
        tabs=[(value, words, len(found[value])) for value, words in _TABS.items()],
        show=show,
        search=search,
    )


@account_status.get("/contacts/<contact_id>/account")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Every change of one customer's status: who, when, from, to and why."""
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        return render_template(
            "pages/credit/account.html",
            organisation=organisation,
            contact=contact,
            status=accounts.statuses(session, organisation.id, [contact_id])[contact_id],
            changes=accounts.history(session, organisation.id, contact_id),
            words=accounts.WORDS,
        )


@account_status.post("/contacts/<contact_id>/watch")
@member(Right.RUN)
def watch(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Put the customer on watch."""

    def act(session: Session, by: str) -> str:
        watches.watch(
            session,
            organisation.id,
            contact_id,
            reason=request.form.get("reason", ""),
            by=by,
            now=clock.now(),
        )
        return _("On watch. It is noted in Xero and shown in the group “On watch” there.")

    return _done(organisation, contact_id, act)


@account_status.post("/contacts/<contact_id>/end-watch")
@member(Right.RUN)
def end(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Take the customer off watch."""

    def act(session: Session, by: str) -> str:
        row = watches.end(
            session, organisation.id, contact_id, why=request.form.get("reason", ""), by=by, now=clock.now()
        )
        return _("No longer on watch.") if row else _("The customer was not on watch.")

    return _done(organisation, contact_id, act)


@account_status.post("/contacts/<contact_id>/proposed-watch")
@member(Right.RUN)
def decide(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Say yes or no to what a rule proposes."""
    yes = request.form.get("do") == "accept"

    def act(session: Session, by: str) -> str:
        decided = watches.accept if yes else watches.decline
        decided(session, organisation.id, contact_id, by=by, now=clock.now())
        if yes:
            return _("On watch. It is noted in Xero and shown in the group “On watch” there.")
        return _("The customer stays as it is.")

    return _done(organisation, contact_id, act)


def _done(
    organisation: Organisation, contact_id: str, act: Callable[[Session, str], str]
) -> ResponseReturnValue:
    """Carry it out, say so, and go back to where it was asked for."""
    try:
        with dunnock().database.write(organisation.id) as session:
            words = act(session, acting_person())
    except UserError as error:
        flash(str(error), "problem")
    else:
        flash(words)
    for door in (doors.ACCOUNT_STOPS, doors.NOTES):
        dunnock().soft_doorbell.ring(door, organisation.id)
    if request.form.get("back") == "list":
        return redirect(url_for("account_status.index", organisation_id=organisation.id, show="proposed"))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))
