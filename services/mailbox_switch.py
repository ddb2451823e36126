"""Switching the reading of a mailbox on and off. It is somebody's own, so only they can switch it on."""

from __future__ import annotations

from sqlalchemy.orm import Session

from integration.email.mailbox_oauth import MailboxOAuth
from kit import clock
from kit.errors import UserError
from kit.settings import Settings
from kit.wording import _
from services.alignment import registered
from services.senders import MAILBOX
from store.models import MailboxReading, Sender
from store.queries import mailbox_readings as queries

IMAPS = 993
_SERVERS = {
    "smtp.office365.com": "outlook.office365.com",
    "smtp-mail.outlook.com": "outlook.office365.com",
    "mail.gmx.net": "imap.gmx.net",
    "mail.gmx.com": "imap.gmx.com",
    "smtp.mail.me.com": "imap.mail.me.com",
}
"""Where the server for reading is not called as the one for sending, with imap in place of smtp."""


def usual_server(sending_host: str) -> str:
    """The server by which a mailbox is most likely read, by the one that it sends by."""
    if sending_host in _SERVERS:
        return _SERVERS[sending_host]
    return f"imap.{sending_host[5:]}" if sending_host.startswith("smtp.") else sending_host


def may_switch_on(row: Sender, person_id: str | None) -> bool:
    """A colleague's own mailbox is theirs alone to open; a shared one is whoever may change the settings'."""
    return row.person_id is None or row.person_id == person_id


def needs_leave(row: Sender) -> bool:
    """Leave was given for sending alone, so a person has to be asked again."""
    kept = row.mailbox or {}
    return kept.get("maker") == "microsoft" and not kept.get("reads")


def switch_on(
    session: Session,
    settings: Settings,
    row: Sender,
    *,
    by: str,
    person_id: str | None,
    host: str = "",
    port: int = IMAPS,
) -> MailboxReading:
    """From now on answers are looked for in this mailbox; a second time changes its server alone.

    ``host`` empty: the usual one. ``UserError`` says what stands against it.
    """
    there = queries.one(session, row.organisation_id, row.id)
    if there is None and not may_switch_on(row, person_id):
        raise UserError(
            _(
                "This is %(row_name)s’s own mailbox: only they can have it read, on the page of this sender.",
                row_name=row.name,
            )
        )
    if row.way != MAILBOX or not row.mailbox:
        raise UserError(
            _("Only a sender whose mails leave by its own mailbox has one to read; set it up first.")
        )
    if needs_leave(row):
        raise UserError(
            _(
                "Leave was given for sending alone. Sign in with Microsoft again on the page of this sender, and allow"
                " reading, too."
            )
        )
    host, port = _server(settings, row, host.strip().lower(), port)
    now = clock.now()
    if there is None:
        there = MailboxReading(
            organisation_id=row.organisation_id, sender_id=row.id, since=now, switched_on_by=by, places={},
            found=0, failures=0, refused=False,
        )  # fmt: skip
    there.host, there.port, there.next_at, there.problem, there.refused = host, port, now, None, False
    session.add(there)
    session.flush()
    return there


def switch_off(session: Session, row: Sender) -> None:
    """Nobody looks into this mailbox any more, and how far it was read is forgotten."""
    there = queries.one(session, row.organisation_id, row.id)
    if there is not None:
        session.delete(there)
        session.flush()


def mailbox_changed(session: Session, row: Sender, *, is_another: bool) -> None:
    """Another mailbox is read only if its owner says so again; the same with a new password is tried at once."""
    there = queries.one(session, row.organisation_id, row.id)
    if there is None:
        return
    if is_another or row.way != MAILBOX or needs_leave(row):
        switch_off(session, row)
    else:
        there.next_at, there.problem, there.refused, there.failures = clock.now(), None, False, 0


def _server(settings: Settings, row: Sender, host: str, port: int) -> tuple[str, int]:
    """The server, which has to be of the provider that the password was given for: nobody else is told it."""
    kept = row.mailbox or {}
    if "maker" in kept:
        return MailboxOAuth(settings, kept["maker"]).reading_server
    usual = usual_server(kept["host"])
    host = host or usual
    if not 0 < port < 65536:
        raise UserError(_("The port is a number from 1 to 65535; mailboxes are read by 993."))
    if host != usual and registered(host) != registered(kept["host"]):
        raise UserError(
            _(
                "The server for reading has to belong to the same provider as %(kept)s, because the password was "
                "given for that one alone.",
                kept=kept["host"],
            )
        )
    return host, port
