"""Telling somebody by mail that a way in of theirs was added, changed or removed, and what to do if it was not them.

Whoever has got into an account first makes a way in of their own. The mail is how its owner learns of it, and its link
ends all sessions without signing in.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

from integration.email.mailer import Mailer
from kit.errors import UserError
from kit.wording import N_, _, worded_in
from services import door_mail, ways_in
from services.app import App
from services.colleagues_language import Words, person_reads
from services.sign_ins import browser_said
from services.writing import long_moment
from store.queries import connection

log = logging.getLogger(__name__)

GOOD_FOR: Final = timedelta(days=7)
_SALT = "this was not me"
_OVER = N_(
    "This link is not a whole one of ours, or is older than a week. Sign in and look at “Your account”: there you see how"
    " one can sign in as you, and sign out everywhere."
)


def send(
    app: App, person_id: str, what: str, at: datetime, browser: str, *, mailer: Mailer | None = None
) -> None:
    """Tell them. ``what`` is a marked sentence: “A passkey was added.”, ``browser`` the one it was done with, in words.

    What goes wrong is logged: the change is made, and whoever made it is not held up by it.
    """
    if mailer is None and not door_mail.leaves(app):
        return
    with app.database.read_across() as session:
        person = connection.person(session, person_id)
    if person is None or "@" not in person.email:
        return
    link = f"{app.settings.public_url}/not-me/{_serializer(app).dumps(person_id)}"
    try:
        home = door_mail.home_of(app, person_id)
        with app.database.read_across() as session:
            reads = person_reads(session, person_id, home)
        with worded_in(reads):
            subject, body = _words(person.name, what, at, browser, link)
        door_mail.send(app, home, person.email, subject, body, mailer=mailer)
    except UserError:
        log.error("a mail about a changed way in did not leave")


def _words(name: str, what: str, at: datetime, browser: str, link: str) -> Words:
    when = _("That was on %(at)s UTC, with %(browser)s.", at=long_moment(at), browser=browser_said(browser))
    parts = [
        _("Hello %(name)s,", name=name),
        f"{_(what)} {when}",
        _("If it was you, you need not do anything."),
        _(
            "If it was not you, open this link at once. It signs you out everywhere, and says what to do then:"
        ),
        link,
    ]
    return _("How one signs in as you was changed"), "\n\n".join(parts) + "\n"


def check(app: App, token: str) -> str:
    """Whom the link is about (``people.id``). ``UserError`` for one that is not good (any more)."""
    try:
        person_id: str = _serializer(app).loads(token, max_age=int(GOOD_FOR.total_seconds()))
    except BadSignature:
        raise UserError(_(_OVER)) from None
    return person_id


def was_not_me(app: App, token: str) -> None:
    """End all sessions of whoever the link is about."""
    ways_in.sign_out_everywhere(app, check(app, token))


def _serializer(app: App) -> URLSafeTimedSerializer:
    app.settings.require("secret_key")
    return URLSafeTimedSerializer(app.settings.secret_key, salt=_SALT)
