"""Proving once more who one is, before something dangerous."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import N_, _
from services import passkeys, ways_in
from web import limits
from web.door import keep_challenge, take_challenge
from web.proving import HELD_BACK, is_recent, note_proof
from web.security import dunnock, signed_in, the_person

proving = Blueprint("proving", __name__, url_prefix="/prove")

_PURPOSE = "prove"
_TOO_LONG = N_(
    "Thank you. The form was too long to be kept meanwhile, and nothing of it has happened:"
    " look through it and send it again."
)
_ELSEWHERE = N_("That passkey belongs to somebody else. Use one of your own.")


@proving.get("")
@signed_in
def show() -> ResponseReturnValue:
    """By which ways one can prove it."""
    return _page()


@proving.post("/passkey/options")
@signed_in
def passkey_options() -> ResponseReturnValue:
    """What a passkey of this person has to sign."""
    limits.take(limits.DOOR)
    options, challenge = passkeys.to_prove(dunnock(), the_person().id)
    keep_challenge(_PURPOSE, challenge)
    return options


@proving.post("/passkey")
@signed_in
def passkey() -> ResponseReturnValue:
    """It was signed."""
    limits.take(limits.DOOR)
    try:
        challenge = take_challenge(_PURPOSE)
        if challenge.person_id != the_person().id:
            raise UserError(_(_ELSEWHERE))
        passkeys.prove(dunnock(), challenge, request.form.get("credential", ""))
    except UserError as problem:
        return _page(str(problem)), 422
    return _proven()


@proving.post("/password")
@signed_in
def password() -> ResponseReturnValue:
    """Password and one-time code."""
    person = the_person()
    limits.take(limits.DOOR)
    limits.take(limits.OF_PERSON, person.id)
    try:
        ways_in.proves(dunnock(), person.id, request.form.get("password", ""), request.form.get("code", ""))
    except UserError as problem:
        return _page(str(problem)), 422
    return _proven()


@proving.get("/go-on")
@signed_in
def go_on() -> ResponseReturnValue:
    """What was held back, to be confirmed now."""
    held: dict[str, Any] | None = session.get(HELD_BACK)
    if not is_recent():
        return redirect(url_for("proving.show"))
    session.pop(HELD_BACK, None)
    if held is None:
        return redirect(url_for("account.show"))
    if held["fields"] is None:
        if held.get("lost"):
            flash(_(_TOO_LONG), "problem")
        return redirect(held["back"])
    return render_template("pages/proving/go_on.html", held=held)


def _proven() -> ResponseReturnValue:
    note_proof()
    return redirect(url_for("proving.go_on"))


def _page(problem: str | None = None) -> str:
    person = the_person()
    with dunnock().database.read_across() as database:
        mine = ways_in.of(database, person)
    return render_template("pages/proving/show.html", ways=mine, held=session.get(HELD_BACK), problem=problem)
