"""Signing in without the ledger: by a passkey, or by a password and a one-time code; and new passwords by mail."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import N_, _
from services import door_mail, passkeys, reset_mail, ways_in
from web import limits
from web.door import keep_challenge, let_in, take_challenge, tell
from web.security import current_person, dunnock, local_path

sign_in = Blueprint("sign_in", __name__)

_PURPOSE = "sign-in"
_SENT = N_(
    "If somebody signs in with that address, a link for a new password is on its way to it. It is good for an hour."
    " Look into the folder for unwanted mail, too."
)
_SENDS_NOTHING = N_(
    "This installation sends no mails, so it cannot send a link. Whoever runs it can make one with the command"
    " dunnock reset-link."
)


@sign_in.get("/sign-in")
def show() -> ResponseReturnValue:
    """All ways in."""
    if current_person() is not None:
        return redirect(_wanted() or url_for("landing.home"))
    return _page()


@sign_in.post("/sign-in/passkey/options")
def passkey_options() -> ResponseReturnValue:
    """What a passkey has to sign; which, the browser knows."""
    limits.take(limits.DOOR)
    options, challenge = passkeys.to_prove(dunnock())
    keep_challenge(_PURPOSE, challenge)
    return options


@sign_in.post("/sign-in/passkey")
def passkey() -> ResponseReturnValue:
    """It was signed."""
    limits.take(limits.DOOR)
    try:
        person_id = passkeys.prove(dunnock(), take_challenge(_PURPOSE), request.form.get("credential", ""))
    except UserError as problem:
        return _page(str(problem)), 422
    return _in(person_id, "passkey")


@sign_in.post("/sign-in/password")
def password() -> ResponseReturnValue:
    """E-mail address, password and one-time code, or a recovery code in its place."""
    email = request.form.get("email", "")
    limits.take(limits.DOOR)
    limits.take(limits.OF_PERSON, ways_in.tidy_email(email)[:254])
    try:
        person_id, way = ways_in.by_password(
            dunnock(), email, request.form.get("password", ""), request.form.get("code", "")
        )
    except UserError as problem:
        return _page(str(problem), email=email), 422
    return _in(person_id, way)


@sign_in.get("/forgotten-password")
def forgotten() -> ResponseReturnValue:
    """Where to send a link for a new password."""
    return render_template("pages/sign_in/forgotten.html", sent=None)


@sign_in.post("/forgotten-password")
def send_link() -> ResponseReturnValue:
    """Send one, if somebody signs in with this address. Whoever asks learns nothing of that, not even by the time it takes."""
    email = ways_in.tidy_email(request.form.get("email", ""))[:254]
    limits.take(limits.DOOR)
    limits.take(limits.RESET_MAIL, email)
    app = dunnock()
    if not door_mail.leaves(app):
        return render_template("pages/sign_in/forgotten.html", sent=_(_SENDS_NOTHING))
    response: Response = make_response(render_template("pages/sign_in/forgotten.html", sent=_(_SENT)))
    response.call_on_close(lambda: reset_mail.send(app, email))
    return response


@sign_in.get("/new-password/<secret>")
def new_password(secret: str) -> ResponseReturnValue:
    """A new password, by the link of a mail."""
    return _new_password(secret)


@sign_in.post("/new-password/<secret>")
def set_password(secret: str) -> ResponseReturnValue:
    """Set it. The one-time code is asked for all the same: the mailbox alone must not open the account."""
    limits.take(limits.DOOR)
    limits.take(limits.NEW_PASSWORD, secret)
    try:
        person_id, way = ways_in.reset_password(
            dunnock(), secret, request.form.get("password", ""), request.form.get("code", "")
        )
    except UserError as problem:
        return _new_password(secret, str(problem))
    tell(person_id, N_("Your password was set anew by a link that we had mailed to you."))
    flash(_("Your password is changed. You were signed out everywhere else."), "done")
    return _in(person_id, way)


def _new_password(secret: str, problem: str | None = None) -> ResponseReturnValue:
    try:
        ways_in.check_reset(dunnock(), secret)
    except UserError as over:
        limits.take(limits.DOOR)
        return render_template(
            "pages/sign_in/over.html", title=_("This link is over"), problem=str(over)
        ), 410
    page = render_template("pages/sign_in/new_password.html", secret=secret, problem=problem)
    return page, 422 if problem else 200


def _in(person_id: str, way: str) -> ResponseReturnValue:
    wanted = _wanted()
    let_in(person_id, way)
    return redirect(wanted or url_for("landing.home"))


def _wanted() -> str | None:
    return local_path(request.values.get("next"))


def _page(problem: str | None = None, email: str = "") -> str:
    return render_template("pages/sign_in/show.html", next=_wanted(), problem=problem, email=email)
