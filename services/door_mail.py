"""Mails about coming in: an invitation, a link for a new password, news of one's ways in.

They are sent at once, and nothing is kept of them.

Their link is a secret of which only a digest is stored, so they cannot wait in an outbox. Whoever asked is told
when one did not leave, and asks again.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from integration.email.mailer import Mail, Mailer, MailError
from integration.email.sendgrid import SendGridMailer
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import _
from services.app import App
from services.mail_access import open_mailer
from services.mail_layout import paragraphs_as_html
from services.senders import senders_of
from store.models import Organisation
from store.queries import pages


def send(
    app: App,
    organisation_id: str | None,
    to: str,
    subject: str,
    body: str,
    *,
    reply_to: str | None = None,
    mailer: Mailer | None = None,
) -> None:
    """Send it by the organisation's way out, or by the installation's. ``UserError`` when it did not leave."""
    try:
        (mailer or _mailer(app, organisation_id)).send(
            _mail(app, organisation_id, to, subject, body, reply_to)
        )
    except MailError as error:
        raise UserError(_("The mail did not leave: %(error)s", error=error)) from error


def leaves(app: App) -> bool:
    """Whether mails are handed over at all."""
    return app.settings.send_mode == "live"


def home_of(app: App, person_id: str) -> str | None:
    """An organisation of this person whose sender a mail to them can leave from: the mail provider knows that domain."""
    with app.database.read_across() as session:
        mine = pages.organisations_of(session, person_id)
    return mine[0].id if mine else None


def _mailer(app: App, organisation_id: str | None) -> Mailer:
    if organisation_id is not None:
        return open_mailer(app, organisation_id)
    app.settings.require("sendgrid_api_key")
    return SendGridMailer(app.settings.sendgrid_api_key, app.settings.sendgrid_api_url)


def _mail(
    app: App, organisation_id: str | None, to: str, subject: str, body: str, reply_to: str | None
) -> Mail:
    own_id, domain = new_id(), _domain(app)
    sender = None
    if organisation_id is not None:
        with app.database.read(organisation_id) as session:
            sender = senders_of(session, session.get_one(Organisation, organisation_id)).writer(session)
    return Mail(
        id=own_id,
        organisation_id=organisation_id or "",
        from_name="Dunnock",
        from_email=sender.email if sender else f"dunnock@{domain}",
        to=(to,),
        reply_to=reply_to,
        subject=subject,
        text=body,
        html=paragraphs_as_html(body),
        message_id=f"<{own_id}@{domain}>",
        mailbox=sender.id if sender and sender.by_mailbox else None,
    )


def _domain(app: App) -> str:
    """From which the installation itself writes: that of its replies, which the mail provider knows, else its own address."""
    return app.settings.inbound_mail_domain or urlsplit(app.settings.public_url).hostname or "localhost"
