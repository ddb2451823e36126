"""The mail with a link for a new password."""

from __future__ import annotations

import logging

from integration.email.mailer import Mailer
from kit.errors import UserError
from services import door_mail, ways_in
from services.app import App

log = logging.getLogger(__name__)


def send(app: App, email: str, *, mailer: Mailer | None = None) -> None:
    """Send one if somebody signs in with this address. What goes wrong is logged: whoever asked must not learn of it."""
    found = ways_in.begin_reset(app, email)
    if found is None:
        return
    body = (
        "Hello,\n\nSomebody, hopefully you, asked for a new password for Dunnock. Open this link to set one. It is good"
        f" once, for an hour, and asks for your one-time code as well:\n\n{found.link}\n\n"
        "If it was not you, you need not do anything: your password is as it was.\n"
    )
    try:
        home = door_mail.home_of(app, found.person_id)
        door_mail.send(app, home, found.email, "A new password for Dunnock", body, mailer=mailer)
    except UserError:
        log.error("a mail with a link for a new password did not leave")
