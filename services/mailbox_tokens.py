"""Tokens of mailboxes at Google and Microsoft: kept encrypted, and renewed by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from integration.email.mailbox_oauth import MailboxOAuth, Question, Tokens
from integration.email.mailer import MailAccountProblem, MailError, MailPostponed
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import mailbox_switch
from services.app import App
from services.senders import MAILBOX, UNCHECKED, USUAL_DAILY_LIMIT
from store.models import Sender
from store.queries import leases
from store.queries import senders as queries
from store.queries.switches import organisation_to_change

CALLBACK = "/connect/mailbox/callback"
_MARGIN = timedelta(minutes=2)
_LEASE_SECONDS = 60.0
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.1
_NO_REFRESH = N_(
    "The answer gave leave for an hour only. Remove Dunnock from the account’s connected apps, and sign in again."
)
_GONE = N_("There is no such sender in this organisation; it may have been removed.")


class _Kept(msgspec.Struct):
    """What is encrypted in a sender's row. ``expires_at`` is Unix time."""

    access_token: str
    refresh_token: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave that a person is about to give, for one sender."""

    organisation_id: str
    sender_id: str
    maker: str
    reads: bool = False
    """Leave to read the mailbox, too."""


def ask(app: App, leave: Leave) -> Question:
    """Where the person gives it. ``UserError`` when the maker is not set up here."""
    app.settings.require("token_keys", f"{leave.maker}_client_id", f"{leave.maker}_client_secret")
    with app.database.read(leave.organisation_id) as session:
        row = queries.sender(session, leave.organisation_id, leave.sender_id)
    if row is None:
        raise UserError(_(_GONE))
    return MailboxOAuth(app.settings, leave.maker, leave.reads).question(_redirect_uri(app), row.email)


def take(app: App, leave: Leave, code: str, verifier: str) -> None:
    """The person said yes: from now on the sender's mails leave by this mailbox. ``UserError`` when nothing came of it."""
    maker = MailboxOAuth(app.settings, leave.maker, leave.reads)
    try:
        tokens = maker.exchange(_redirect_uri(app), code, verifier)
    except MailError as problem:
        raise UserError(str(problem)) from None
    if not tokens.refresh_token:
        raise UserError(_(_NO_REFRESH))
    host, port = maker.server
    with app.database.write(leave.organisation_id) as session:
        organisation_to_change(session, leave.organisation_id)
        row = queries.sender(session, leave.organisation_id, leave.sender_id)
        if row is None:
            raise UserError(_(_GONE))
        before, limit = row.mailbox, (row.mailbox or {}).get("daily_limit", USUAL_DAILY_LIMIT)
        row.way, row.state = MAILBOX, UNCHECKED
        row.problem = row.checked_at = row.retry_at = None
        row.mailbox = {
            "host": host, "port": port, "security": "starttls", "user": row.email, "daily_limit": limit,
            "maker": leave.maker, "reads": leave.reads or leave.maker == "google",
        }  # fmt: skip
        row.secret_cipher = _sealed(app, tokens, "", clock.now())
        mailbox_switch.mailbox_changed(session, row, is_another=_place(before) != _place(row.mailbox))


def _place(mailbox: dict[str, Any] | None) -> tuple[str, ...]:
    return (mailbox["host"], mailbox["user"]) if mailbox else ()


def access_token(app: App, organisation_id: str, sender_id: str) -> str:
    """A token that is good for the next minutes. Raises ``MailError``, or ``UserError`` when no key of ours fits it."""
    deadline = clock.stopwatch() + _PATIENCE_SECONDS
    while clock.stopwatch() < deadline:
        with app.database.read(organisation_id) as session:
            row = queries.sender(session, organisation_id, sender_id)
        if row is None or "maker" not in (row.mailbox or {}):
            raise MailAccountProblem(_GONE)
        kept = _opened(app, row)
        if clock.now() + _MARGIN < datetime.fromtimestamp(kept.expires_at, clock.now().tzinfo):
            return kept.access_token
        if not _renew(app, row, kept):
            clock.pause(_PAUSE_SECONDS)
    raise MailPostponed("Another process takes too long to renew the leave of this mailbox.", 60.0)


def _renew(app: App, row: Sender, kept: _Kept) -> bool:
    """Renew the tokens, if nobody else is at it; two at once could lose the leave, because refresh tokens may rotate."""
    name, holder = f"mailbox:{row.id}", new_id()
    with app.database.write_across() as session:
        if not leases.take(session, name, holder, clock.now(), _LEASE_SECONDS):
            return False
        now_there = queries.sender(session, row.organisation_id, row.id)
        renewed = now_there is None or now_there.secret_cipher != row.secret_cipher
    try:
        if renewed:
            return True  # by whoever had the lease before
        kept_of = row.mailbox or {}
        maker = MailboxOAuth(app.settings, kept_of["maker"], kept_of.get("reads", False))
        tokens = maker.refresh(kept.refresh_token)
        with app.database.write(row.organisation_id) as session:
            found = queries.sender(session, row.organisation_id, row.id)
            if found and found.secret_cipher == row.secret_cipher:
                found.secret_cipher = _sealed(app, tokens, kept.refresh_token, clock.now())
    finally:
        with app.database.write_across() as session:
            leases.release(session, name, holder)
    return True


def _sealed(app: App, tokens: Tokens, refresh_before: str, now: datetime) -> str:
    until = now + timedelta(seconds=tokens.expires_in)
    kept = _Kept(tokens.access_token, tokens.refresh_token or refresh_before, until.timestamp())
    return app.secrets.encrypt(msgspec.json.encode(kept).decode())


def _opened(app: App, row: Sender) -> _Kept:
    return msgspec.json.decode(app.secrets.decrypt(row.secret_cipher or ""), type=_Kept)


def _redirect_uri(app: App) -> str:
    return app.settings.public_url + CALLBACK
