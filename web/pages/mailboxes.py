"""A sender's own mailbox: signing in with Google or Microsoft, and having answers in it read."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from integration.email.mailbox_oauth import MAKERS
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import mailbox_switch, mailbox_tokens
from services.mailbox_tokens import CALLBACK, Leave
from services.roles import Right
from store.models import Organisation, Person, Sender
from store.queries import senders
from web import limits
from web.pages.senders import only_own
from web.security import acting_person, current_person, dunnock, member, organisation_for, signed_in

mailboxes = Blueprint("mailboxes", __name__)

_STARTED = "mailbox_leave"
_GOOD_FOR = timedelta(minutes=10)
_NOT_STARTED = N_(
    "This was not started here, or more than ten minutes ago. Start again on the page of the sender."
)


def _only_own_sender(leave: Leave) -> None:
    """``UserError`` for who may set up their own address alone, and this is another's."""
    with dunnock().database.read(leave.organisation_id) as database:
        row = senders.sender(database, leave.organisation_id, leave.sender_id)
    if row:
        only_own(row.email)


@mailboxes.get("/organisations/<organisation_id>/senders/<sender_id>/sign-in/<maker>")
@member(Right.RUN)
def begin(organisation: Organisation, sender_id: str, maker: str) -> ResponseReturnValue:
    """On to the page where leave is given."""
    if maker not in MAKERS:
        abort(404)
    limits.take(limits.SIGN_IN)
    leave = Leave(organisation.id, sender_id, maker, reads="reading" in request.args)
    try:
        _only_own_sender(leave)
        question = mailbox_tokens.ask(dunnock(), leave)
    except UserError as problem:
        flash(str(problem), "problem")
        return redirect(url_for("senders.index", organisation_id=organisation.id))
    session[_STARTED] = {
        "state": question.state,
        "verifier": question.verifier,
        "until": (clock.now() + _GOOD_FOR).timestamp(),
        "leave": [leave.organisation_id, leave.sender_id, leave.maker, leave.reads],
    }
    return redirect(question.url)


@mailboxes.get(CALLBACK)
@signed_in
def callback() -> ResponseReturnValue:
    """The answer: good once, within ten minutes, for whoever asked."""
    limits.take(limits.SIGN_IN)
    started = session.pop(_STARTED, None)
    given = request.args.get("state", "")
    if (
        not started
        or not hmac.compare_digest(started["state"].encode(), given.encode())
        or clock.now().timestamp() > started["until"]
    ):
        abort(400, _(_NOT_STARTED))
    leave = Leave(*started["leave"])
    organisation_for(leave.organisation_id, Right.RUN)
    here = url_for("senders.show", organisation_id=leave.organisation_id, sender_id=leave.sender_id)
    if "code" not in request.args:
        flash(_("No leave was given, so nothing has changed."), "problem")
        return redirect(here)
    try:
        _only_own_sender(leave)
        mailbox_tokens.take(dunnock(), leave, request.args["code"], started["verifier"])
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Leave was given. Check it now: a test mail goes to the address itself."))
    return redirect(here)


@mailboxes.post("/organisations/<organisation_id>/senders/<sender_id>/reading")
@member(Right.RUN)
def reading(organisation: Organisation, sender_id: str) -> ResponseReturnValue:
    """Have answers in the mailbox of a sender read, or not any more."""
    here = url_for("senders.show", organisation_id=organisation.id, sender_id=sender_id, _anchor="reading")
    try:
        flash(_switch(organisation, sender_id))
    except UserError as problem:
        flash(str(problem), "problem")
    return redirect(here)


def _switch(organisation: Organisation, sender_id: str) -> str:
    """Switch it as the form says; what has become of it, in a sentence."""
    person = current_person()
    with dunnock().database.write(organisation.id) as database:
        row = senders.sender(database, organisation.id, sender_id) or abort(404)
        if request.form.get("wanted") != "on":
            may_switch_off(row, person)
            mailbox_switch.switch_off(database, row)
            return _("This mailbox is not read any more.")
        only_own(row.email)
        mailbox_switch.switch_on(
            database,
            dunnock().settings,
            row,
            by=acting_person(),
            person_id=person.id if person else None,
            host=request.form.get("host", ""),
            port=request.form.get("port", mailbox_switch.IMAPS, type=int),
        )
    return _("From now on answers in this mailbox are read; what is read first shows here within a minute.")


def may_switch_off(row: Sender, person: Person | None) -> None:
    """Its owner may at any time, and so may who may change the settings."""
    if person is None or row.person_id != person.id:
        only_own(row.email)
