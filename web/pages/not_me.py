"""“This was not me”: where the link leads that comes with news of a changed way in. Nobody needs to be signed in for it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import _
from services import way_news
from web import limits
from web.security import dunnock

not_me = Blueprint("not_me", __name__, url_prefix="/not-me/<token>")


@not_me.get("")
def show(token: str) -> ResponseReturnValue:
    """What the button does. Programs that look at links in mails press no buttons."""
    try:
        way_news.check(dunnock(), token)
    except UserError as over:
        return _over(over)
    return render_template("pages/sign_in/not_me.html", token=token, done=False)


@not_me.post("")
def end(token: str) -> ResponseReturnValue:
    """End all sessions, and say what to do then."""
    limits.take(limits.DOOR)
    try:
        way_news.was_not_me(dunnock(), token)
    except UserError as over:
        return _over(over)
    return render_template("pages/sign_in/not_me.html", token=token, done=True)


def _over(over: UserError) -> ResponseReturnValue:
    limits.take(limits.DOOR)
    return render_template("pages/sign_in/over.html", title=_("This link is over"), problem=str(over)), 410
