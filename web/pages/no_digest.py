"""Where the link in a weekly digest leads that ends it. Nobody needs to be signed in for it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import _
from services.digest import practice_wishes, wishes
from web import limits
from web.security import dunnock

no_digest = Blueprint("no_digest", __name__, url_prefix="/no-digest")


@no_digest.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """What the button does. Programs that look at links in mails press no buttons."""
    try:
        ending = wishes.read(dunnock(), token)
    except UserError as wrong:
        return _wrong(wrong)
    return render_template("pages/digest/no_more.html", token=token, ending=ending, done=False)


@no_digest.get("/clients/<token>")
def show_clients(token: str) -> ResponseReturnValue:
    """The same for the one mail about all clients of a practice."""
    try:
        practice_id, _person_id, name = practice_wishes.read(dunnock(), token)
    except UserError as wrong:
        return _wrong(wrong)
    return render_template(
        "pages/digest/no_more_clients.html", token=token, name=name, practice_id=practice_id, done=False
    )


@no_digest.post("/clients/<token>")
def end_clients(token: str) -> ResponseReturnValue:
    """End it, pressed by a person or by the program in which they read the mail (RFC 8058)."""
    try:
        practice_id, _person_id, name = practice_wishes.read(dunnock(), token)
        practice_wishes.end(dunnock(), token)
    except UserError as wrong:
        return _wrong(wrong)
    return render_template(
        "pages/digest/no_more_clients.html", token=token, name=name, practice_id=practice_id, done=True
    )


@no_digest.post("/<token>")
def end(token: str) -> ResponseReturnValue:
    """End it. Mail programs press this themselves where the reader presses theirs (RFC 8058)."""
    try:
        ending = wishes.end(dunnock(), token)
    except UserError as wrong:
        return _wrong(wrong)
    return render_template("pages/digest/no_more.html", token=token, ending=ending, done=True)


def _wrong(wrong: UserError) -> ResponseReturnValue:
    limits.take(limits.DOOR)
    return render_template(
        "pages/sign_in/over.html", title=_("This link cannot be read"), problem=str(wrong)
    ), 410
