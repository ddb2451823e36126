"""Where the link in a weekly digest leads that ends it. Nobody needs to be signed in for it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import _
from services.digest import wishes
from web import limits
from web.security import dunnock

no_digest = Blueprint("no_digest", __name__, url_prefix="/no-digest/<token>")


@no_digest.get("")
def show(token: str) -> ResponseReturnValue:
    """What the button does. Programs that look at links in mails press no buttons."""
    try:
        ending = wishes.read(dunnock(), token)
    except UserError as wrong:
        return _wrong(wrong)
    return render_template("pages/digest/no_more.html", token=token, ending=ending, done=False)


@no_digest.post("")
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
