"""The mail with a link for a new password."""

from __future__ import annotations

import logging

from integration.email.mailer import Mailer
from kit.errors import UserError
from kit.wording import _, worded_in
from services import door_mail, ways_in
from services.app import App
from services.colleagues_language import Words, person_reads

log = logging.getLogger(__name__)


def send(app: App, email: str, *, mailer: Mailer | None = None) -> None:
    """Send one if somebody signs in with this address. What goes wrong is logged: whoever asked must not learn of it."""
    found = ways_in.begin_reset(app, email)
    if found is None:
        return
    try:
        home = door_mail.home_of(app, found.person_id)
        with app.database.read_across() as session:
            reads = person_reads(session, found.person_id, home)
        with worded_in(reads):
            subject, body = _words(found.link)
        door_mail.send(app, home, found.email, subject, body, mailer=mailer)
    except UserError:
        log.error("a mail with a link for a new password did not leave")


def _words(link: str) -> Words:
    parts = [
        _("Hello,"),
        _(
            "Somebody, hopefully you, asked for a new password for Dunnock. Open this link to set one. It is good once,"
            " for an hour, and asks for your one-time code as well:"
        ),
        link,
        _("If it was not you, you need not do anything: your password is as it was."),
    ]
    return _("A new password for Dunnock"), "\n\n".join(parts) + "\n"
