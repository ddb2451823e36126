"""Signing in with Google or Microsoft, so that a sender's mails may leave by a mailbox there."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from integration.email.mailbox_oauth import MAKERS
from kit import clock
from kit.errors import UserError
from services import mailbox_tokens
from services.mailbox_tokens import CALLBACK, Leave
from services.roles import Right
from store.models import Organisation
from store.queries import senders
from web import limits
from web.pages.senders import only_own
from web.security import dunnock, member, organisation_for, signed_in

mailboxes = Blueprint("mailboxes", __name__)

_STARTED = "mailbox_leave"
_GOOD_FOR = timedelta(minutes=10)
_NOT_STARTED = (
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
    leave = Leave(organisation.id, sender_id, maker)
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
        "leave": [leave.organisation_id, leave.sender_id, leave.maker],
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
        abort(400, _NOT_STARTED)
    leave = Leave(*started["leave"])
    organisation_for(leave.organisation_id, Right.RUN)
    here = url_for("senders.show", organisation_id=leave.organisation_id, sender_id=leave.sender_id)
    if "code" not in request.args:
        flash("No leave was given, so nothing has changed.", "problem")
        return redirect(here)
    try:
        _only_own_sender(leave)
        mailbox_tokens.take(dunnock(), leave, request.args["code"], started["verifier"])
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash("Leave was given. Check it now: a test mail goes to the address itself.")
    return redirect(here)
