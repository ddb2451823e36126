"""The ways out: the mail provider, and the mailboxes of senders who use their own."""

from __future__ import annotations

from dataclasses import dataclass

from integration.email.imap import ImapAccount, ImapReader
from integration.email.mailbox_reader import MailboxReader
from integration.email.mailer import Mail, MailAccountProblem, Mailer
from integration.email.sendgrid import SendGridMailer
from integration.email.smtp import Account, SmtpMailer
from kit.errors import UserError
from kit.wording import N_, _
from services.app import App
from services.mailbox_tokens import access_token
from services.senders import MAILBOX
from store.models import Sender
from store.queries import senders as queries

_NO_MAILBOX = N_("The mailbox that it should leave by is no longer there; check the senders in the settings.")


def open_mailer(app: App, organisation_id: str) -> Mailer:
    """The ways out of an organisation; ``UserError`` when there is none, because the provider's key is missing."""
    with app.database.read(organisation_id) as session:
        has_mailbox = any(row.way == MAILBOX for row in queries.senders(session, organisation_id))
    if not has_mailbox:
        app.settings.require("sendgrid_api_key")
    return _WaysOut(app)


@dataclass(frozen=True, slots=True)
class _WaysOut:
    """Hands each mail to the mailbox that it names, else to the mail provider."""

    app: App

    def send(self, mail: Mail) -> str:
        try:
            mailer = self._mailbox(mail) if mail.mailbox else self._provider()
        except UserError as problem:
            raise MailAccountProblem(str(problem)) from None
        return mailer.send(mail)

    def _provider(self) -> Mailer:
        settings = self.app.settings
        settings.require("sendgrid_api_key")
        return SendGridMailer(settings.sendgrid_api_key, settings.sendgrid_api_url)

    def _mailbox(self, mail: Mail) -> Mailer:
        with self.app.database.read(mail.organisation_id) as session:
            row = queries.sender(session, mail.organisation_id, mail.mailbox or "")
        if row is None or row.way != MAILBOX:
            raise UserError(_(_NO_MAILBOX))
        return mailbox_of(self.app, row)


def mailbox_of(app: App, row: Sender) -> SmtpMailer:
    """The mailbox of a sender. ``UserError`` when its password can no longer be read, ``MailError`` without leave."""
    kept = row.mailbox or {}
    password, by_token = _secret(app, row)
    account = Account(kept["host"], kept["port"], kept["security"], kept["user"], password, by_token)
    return SmtpMailer(account, public_only=app.settings.production)


def reader_of(app: App, row: Sender, host: str, port: int) -> MailboxReader:
    """By what a sender's mailbox is looked into at this server. Raises as ``mailbox_of``."""
    if row.way != MAILBOX or not row.mailbox:
        raise UserError(_(_NO_MAILBOX))
    password, by_token = _secret(app, row)
    account = ImapAccount(host, port, row.mailbox["user"], password, by_token)
    return ImapReader(account, public_only=app.settings.production)


def _secret(app: App, row: Sender) -> tuple[str, bool]:
    """The mailbox's password or a token that is good just now, and whether it is one."""
    if "maker" in (row.mailbox or {}):
        return access_token(app, row.organisation_id, row.id), True
    return app.secrets.decrypt(row.secret_cipher or ""), False
