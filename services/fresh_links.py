"""A fresh link in place of one that has ended, sent to the addresses to which that one went.

Whoever holds an old link may ask for it; nobody learns from the answer whether the link was ever one of ours. The mail
is handed over at most once a day for each old link, and only to addresses that are still known of the customer.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from credit_control.brakes import Kind
from integration.email.mailer import Mail, Mailer, MailError, MailUnsure
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import account_links, brakes
from services.account import Account, account_of
from services.account_words import words_in
from services.app import App
from services.mail_access import open_mailer
from services.mail_layout import paragraphs_as_html
from services.merge_fields import one_line
from services.replies import reply_address
from services.senders import kept_back, writer_of
from store.models import AccountLink, Communication
from store.queries import account_pages, belonging
from store.queries.sending import lock_organisation

log = logging.getLogger(__name__)

KIND = "account_link"
_AGAIN = timedelta(days=1)
_STOPPED = frozenset({Kind.STOP, Kind.STOP_ALL})
_BEING_SENT = "It was handed over, and nobody has said yet whether it was taken."


def send(app: App, code: str) -> None:
    """Send a fresh link if the code is one of ours and there is somebody to send it to; nothing otherwise."""
    if app.settings.send_mode != "live":
        return
    with app.database.read_across() as session:
        old = account_links.find(session, code)
    if old is None or old.revoked_at is not None:
        return
    try:
        send_with(app, open_mailer(app, old.organisation_id), old.organisation_id, old.communication_id)
    except UserError as problem:
        log.warning("no fresh link for a customer of %s: %s", old.organisation_id, problem)


def send_with(app: App, mailer: Mailer, organisation_id: str, communication_id: str) -> bool:
    """The same by this mailer, in place of the link of this message. False: nothing was handed over."""
    mail = _hand_over(app, organisation_id, communication_id)
    if mail is None:
        return False
    status, reason = _sent(mailer, mail)
    with app.database.write(organisation_id) as session:
        row = session.get_one(Communication, (organisation_id, mail.id))
        row.status, row.reason = status, reason
    return status == "sent"


def _sent(mailer: Mailer, mail: Mail) -> tuple[str, str | None]:
    try:
        mailer.send(mail)
    except MailUnsure:
        return "unknown", _BEING_SENT
    except MailError as error:
        return "failed", str(error)
    return "sent", None


def _hand_over(app: App, organisation_id: str, communication_id: str) -> Mail | None:
    """The mail, committed to as handed over; None: none is to be sent."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = lock_organisation(session, organisation_id)
        old = account_pages.link_of(session, organisation_id, communication_id)
        if old is None or old.revoked_at or (old.renewed_at and now - old.renewed_at < _AGAIN):
            return None
        account = account_of(session, organisation_id, old.contact_id, now)
        if account is None or organisation.connection != "connected":
            return None
        if any(one.kind in _STOPPED for one in brakes.in_force(session, organisation, now)):
            return None
        mail = _written(app, session, account, old, now)
        if mail:
            old.renewed_at = now
        return mail


def _written(app: App, session: Session, account: Account, old: AccountLink, now: datetime) -> Mail | None:
    organisation_id, contact_id = account.organisation.id, account.contact.id
    known = belonging.addressed(session, organisation_id, contact_id)
    went_to = account_pages.message_of(session, old).to
    to = tuple(one for one in went_to if known and one.strip().lower() in known.addresses)
    sender = writer_of(session, account.organisation, contact_id)
    if not to or sender is None or kept_back(app, session, organisation_id, sender, now):
        return None
    own_id = new_id()
    row = Communication(
        organisation_id=organisation_id,
        id=own_id,
        direction="out",
        channel="email",
        kind=KIND,
        status="unknown",
        reason=_BEING_SENT,
        contact_id=contact_id,
        to=list(to),
        from_name=sender.name,
        from_email=sender.email,
        reply_token=new_id(),
        sender_id=sender.id,
        handed_over_at=now,
        sent_at=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    link = account_links.link_for(
        app.settings, session, organisation_id, contact_id, communication_id=own_id, now=now
    )
    if link is None:
        session.delete(row)
        return None
    words = words_in(account.language)["fresh_mail"]
    row.subject = words["subject"].format(organisation=one_line(account.organisation.name))
    text = words["text"].format(
        link=link, sender=one_line(sender.name), organisation=one_line(account.organisation.name)
    )
    html = paragraphs_as_html(text)
    row.body_text, row.body_html = text, html
    host = app.settings.inbound_mail_domain or urlsplit(app.settings.public_url).hostname or "localhost"
    row.message_id = f"<{own_id}@{host}>"
    return Mail(
        id=own_id,
        organisation_id=organisation_id,
        from_name=sender.name,
        from_email=sender.email,
        to=to,
        reply_to=reply_address(app, row.reply_token or ""),
        subject=row.subject,
        text=text,
        html=html,
        message_id=row.message_id,
        mailbox=sender.id if sender.by_mailbox else None,
    )
