"""Mails that come in. An answer of a customer stops the chasing until a person has read it.

An answer can only make us stop: nothing in it changes an amount, an address or a bank account.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date
from sqlalchemy.orm import Session

from kit import clock
from kit.ids import derived_id
from services import doors, forwards, inbound_mail, notes, own_mails, plan, reply_addresses
from services.app import App
from services.inbound_mail import InboundMail, Letter
from services.inbox_loop import Done, Unusable, Work, work_through
from services.mail_evidence import learn
from services.merge_fields import one_line
from services.reply_files import LARGEST_FILE, MOST_FILES, file_rows, left_out
from store.models import Communication
from store.queries import mail, mail_inbox, planning
from store.queries.mail_inbox import Waiting

__all__ = ["LARGEST_FILE", "MOST_FILES", "follow", "handle", "reply_address", "waiting"]

MOST_NOTED_AN_HOUR = 20
"""Further answers of a contact within an hour are kept and stop chasing, but are neither noted in the ledger nor
passed on: machines are talking."""

_MOST_QUOTED = 140

_Understood = tuple[InboundMail, Letter]


def reply_address(app: App, token: str) -> str | None:
    """The address to which answers come; None when no mail can come in, so that the sender gets them."""
    return reply_addresses.reply_address(app.settings, token)


def waiting(app: App) -> bool:
    """Whether there are mails to handle now."""
    with app.database.read_across() as session:
        return mail_inbox.is_waiting(session, mail_inbox.REPLIES, clock.now())


def _whose(app: App, understood: _Understood) -> str | None:
    with app.database.read_across() as session:
        found = _find(session, app.settings.inbound_mail_domain, understood[1])
    return found[0] if found else None


def handle(app: App) -> bool:
    """Handle the mails that wait. True if more may be waiting."""
    domain = app.settings.inbound_mail_domain
    work = Work(mail_inbox.REPLIES, 3, _read, partial(_apply, domain), _whose)
    return work_through(app, own_mails.first(work, domain))


def _read(payload: bytes) -> _Understood:
    try:
        form = msgspec.msgpack.decode(payload, type=InboundMail)
    except msgspec.DecodeError as error:
        raise Unusable("the mail was not stored as it should have been") from error
    return form, inbound_mail.read(form)


def _apply(domain: str, session: Session, waiting: Waiting, understood: _Understood, now: datetime) -> Done:
    form, letter = understood
    found = _find(session, domain, letter)
    answered = mail.locked(session, *found) if found else None
    if answered is None:
        return Done("unmatched")
    organisation_id = answered.organisation_id
    reply_id = derived_id("reply", organisation_id, waiting.key)
    if mail.is_known(session, organisation_id, reply_id):
        return Done("known already", forget=True)
    many = mail.replies_since(session, organisation_id, answered.contact_id, now - timedelta(hours=1))
    _store(session, answered, reply_id, form, letter, now)
    if letter.automatic:
        return Done("kept: an automatic answer", forget=True)
    noted = many < MOST_NOTED_AN_HOUR
    if noted:
        forwards.queue(session, answered, reply_id, letter, domain, now)
    return follow(session, answered, reply_id, letter, now, noted=noted)


def follow(
    session: Session,
    answered: Communication,
    reply_id: str,
    letter: Letter,
    now: datetime,
    *,
    noted: bool,
    holds: bool = True,
) -> Done:
    """What an answer that is stored leads to, whichever way it came: what it answers has left, and chasing waits.

    It ``holds`` nothing where it asks for nothing but an end of texts.
    """
    organisation_id = answered.organisation_id
    learn(session, answered, "sent", at=now, now=now)
    if holds:
        _stop_chasing(session, answered, reply_id, letter, now)
    if noted:
        notes.queue_for_reply(session, organisation_id, reply_id, now, holds=holds)
    planning.look_again(session, organisation_id, [answered.contact_id], now)
    bells = ((doors.NOTES, organisation_id), (doors.PLAN, organisation_id), (doors.FORWARDS, organisation_id))
    return Done("answered", bells, forget=True)


def _find(session: Session, domain: str, letter: Letter) -> tuple[str, str] | None:
    """Which mail is answered: by the secret address it was sent to, else by the Message-IDs it refers to."""
    address = rf"\br-([\w-]{{16,64}})@{re.escape(domain or 'invalid')}"
    tokens = re.findall(address, letter.recipients, re.IGNORECASE)
    both = list(dict.fromkeys([*tokens, *(token.lower() for token in tokens)]))[:50]
    found = mail.by_reply_token(session, both) if both else None
    return found or (mail.by_message_id(session, letter.answers) if letter.answers else None)


def _store(
    session: Session, answered: Communication, reply_id: str, form: InboundMail, letter: Letter, now: datetime
) -> None:
    mail.add_answer(
        session,
        answered,
        id=reply_id,
        direction="in",
        channel="email",
        kind="auto_reply" if letter.automatic else "reply",
        status="received",
        reason=left_out(form),
        contact_id=answered.contact_id,
        reasons=[],
        to=[answered.from_email] if answered.from_email else [],
        from_name=letter.from_name or None,
        from_email=letter.from_email or None,
        subject=letter.subject,
        body_text=letter.text,
        body_html=letter.html,
        message_id=letter.message_id or None,
        in_reply_to=answered.id,
        sent_at=now,
        created_at=now,
    )
    mail.add_attachments(session, file_rows(answered.organisation_id, reply_id, form))


def _stop_chasing(
    session: Session, answered: Communication, reply_id: str, letter: Letter, now: datetime
) -> None:
    """Hold the contact until somebody has read the answer, and cancel what was planned."""
    organisation_id, contact_id = answered.organisation_id, answered.contact_id
    reason = _reason(session, answered, letter, now)
    if not mail.is_held(session, organisation_id, contact_id, "reply"):
        mail.place_hold(
            session,
            organisation_id=organisation_id,
            id=derived_id("hold", reply_id),
            contact_id=contact_id,
            kind="reply",
            reason=reason,
            communication_id=reply_id,
            created_by="their answer",
            created_at=now,
        )
    plan.cancel_for_contact(session, organisation_id, contact_id, reason)


def _reason(session: Session, answered: Communication, letter: Letter, now: datetime) -> str:
    """``Priya Nair answered on 14 November: “It was paid yesterday.”``"""
    given = one_line(letter.from_name)
    name = given or mail.contact_name(session, answered.organisation_id, answered.contact_id)
    on = now.astimezone(ZoneInfo(mail.zone(session, answered.organisation_id)))
    said = one_line(inbound_mail.new_part(letter.text))
    if len(said) > _MOST_QUOTED:
        said = said[: _MOST_QUOTED - 1].rstrip() + "…"
    when = format_date(on, "d MMMM", locale="en_GB")
    return f"{name[:80]} answered on {when}: “{said}”" if said else f"{name[:80]} answered on {when}."
