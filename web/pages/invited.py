"""Taking an invitation: by Xero, by a passkey, by a password and one-time codes, or as somebody who is here already."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit.crypto import digest
from kit.errors import UserError
from kit.wording import _
from services import invitations, one_time_codes, passkeys, ways_in
from services.invitations import Asked, InvitationGone
from store.models import Invitation
from web import limits
from web.door import keep_challenge, let_in, take_challenge
from web.proving import proven
from web.security import current_person, dunnock, signed_in, the_person

invited = Blueprint("invited", __name__, url_prefix="/invitations/<token>")

INVITED_TO = "invited_to"
"""In the session: the invitation to come back to once an organisation is connected."""
_SECRET = "new_codes"  # noqa: S105  # a name in the session


@invited.get("")
def show(token: str) -> ResponseReturnValue:
    """Who invites to what, as what, and how to say yes."""
    return _page(token)


@invited.post("/accept")
@signed_in
@proven("accept an invitation")
def accept(token: str) -> ResponseReturnValue:
    """The yes of somebody who is signed in, for what they chose where there is something to choose."""
    person_id = the_person().id
    try:
        path = invitations.accept(dunnock(), token, lambda *_: person_id, request.form.get("chosen", ""))
    except InvitationGone as gone:
        return _gone(gone)
    except UserError as problem:
        return _page(token, str(problem))
    session.pop(INVITED_TO, None)
    return redirect(path)


@invited.post("/passkey/options")
def passkey_options(token: str) -> ResponseReturnValue:
    """What the newcomer's browser is to make a passkey of."""
    limits.take(limits.DOOR)
    try:
        asked = invitations.look_up(dunnock(), token)
        name = ways_in.tidy_person(request.form.get("name", ""))
    except UserError as problem:
        return {"problem": str(problem)}, 422
    options, challenge = passkeys.to_make(dunnock(), ways_in.fresh_id(), asked.invitation.email, name)
    keep_challenge(_purpose(token), challenge)
    return options


@invited.post("/passkey")
def passkey(token: str) -> ResponseReturnValue:
    """The newcomer's passkey was made."""
    limits.take(limits.DOOR)
    name, credential = request.form.get("name", ""), request.form.get("credential", "")

    def join(database: Session, invitation: Invitation, now: datetime) -> str:
        challenge = take_challenge(_purpose(token))
        person = ways_in.newcomer(database, challenge.person_id or "", invitation.email, name, now)
        passkeys.keep(dunnock(), database, challenge, credential, "", now)
        return person.id

    try:
        path = invitations.accept(dunnock(), token, join)
    except InvitationGone as gone:
        return _gone(gone)
    except UserError as problem:
        return _page(token, str(problem))
    let_in(_just_joined(token), "passkey")
    return redirect(path)


@invited.post("/password")
def password(token: str) -> ResponseReturnValue:
    """The newcomer's password, with the first code of their app."""
    limits.take(limits.DOOR)
    secret = _codes_secret()
    codes: list[str] = []

    def join(database: Session, invitation: Invitation, now: datetime) -> str:
        name = request.form.get("name", "")
        person = ways_in.newcomer(database, ways_in.fresh_id(), invitation.email, name, now)
        given, code = request.form.get("password", ""), request.form.get("code", "")
        codes.extend(ways_in.add_password(dunnock(), database, person, given, secret, code))
        return person.id

    try:
        path = invitations.accept(dunnock(), token, join)
    except InvitationGone as gone:
        return _gone(gone)
    except UserError as problem:
        return _page(token, str(problem), "password")
    let_in(_just_joined(token), "password")
    g.pop("person", None)
    return render_template("pages/account/recovery_codes.html", codes=codes, onward=path)


def _just_joined(token: str) -> str:
    return invitations.taken_by(dunnock(), token)


def _purpose(token: str) -> str:
    return f"invited {digest(token)[:16]}"


def _codes_secret() -> str:
    """The secret of one-time codes that this browser is being shown, encrypted in its session; a new one where there is none."""
    if _SECRET not in session:
        session[_SECRET] = dunnock().secrets.encrypt(one_time_codes.new_secret())
    return dunnock().secrets.decrypt(session[_SECRET])


def _gone(gone: InvitationGone) -> ResponseReturnValue:
    limits.take(limits.DOOR)
    page = render_template(
        "pages/sign_in/over.html", title=_("This invitation cannot be taken"), problem=str(gone)
    )
    return page, 410


def _page(token: str, problem: str | None = None, way: str = "") -> ResponseReturnValue:
    try:
        person = current_person()
        asked = invitations.look_up(dunnock(), token, person.id if person else None)
    except InvitationGone as gone:
        return _gone(gone)
    page = _choices(token, asked, problem, way) if person is None else _yes(token, asked, problem)
    return page, 422 if problem else 200


def _yes(token: str, asked: Asked, problem: str | None) -> str:
    return render_template(
        "pages/sign_in/accept.html",
        token=token,
        here=url_for("invited.show", token=token),
        asked=asked,
        problem=problem,
        chosen=request.form.get("chosen", ""),
    )


def _choices(token: str, asked: Asked, problem: str | None, way: str) -> str:
    secret = _codes_secret() if dunnock().settings.token_keys else None
    return render_template(
        "pages/sign_in/invited.html",
        token=token,
        here=url_for("invited.show", token=token),
        asked=asked,
        problem=problem,
        way=way,
        name=request.form.get("name", ""),
        secret=secret,
        picture=one_time_codes.picture(secret, asked.invitation.email) if secret else None,
        shortest=12,
    )
