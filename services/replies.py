"""What customers answer. It stops the chasing until a person has read it.

An answer can only make us stop: nothing in it changes an amount, an address or a bank account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from kit import clock
from kit.ids import derived_id
from kit.wording import N_
from services import (
    absences,
    attached,
    doors,
    feed,
    forwards,
    inbound_mail,
    mail_reports,
    matching,
    notes,
    own_mails,
    reply_acts,
    reply_addresses,
    reply_work,
    strays,
)
from services.app import App
from services.attached import LARGEST_FILE, MOST_FILES
from services.inbound_mail import InboundFile, InboundMail, Letter
from services.inbox_loop import Done, Unusable, Work, work_through
from services.mail_evidence import learn
from services.matching import Match
from services.merge_fields import one_line
from services.reply_work import Said
from services.understanding import Meaning
from store.models import Communication
from store.queries import erasures, mail, mail_inbox, planning, sending
from store.queries import replies as queries
from store.queries.mail_inbox import Waiting

__all__ = ["LARGEST_FILE", "MOST_FILES", "follow", "handle", "reply_address", "take", "take_mail", "waiting"]

MOST_NOTED_AN_HOUR = 20
"""Further answers of a contact within an hour are kept and stop chasing, but are neither noted in the ledger nor
passed on: machines are talking."""

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
        found = matching.match(session, app.settings.inbound_mail_domain, *understood)
    return found.organisation_id


def handle(app: App) -> bool:
    """Handle the mails that wait. True if more may be waiting."""
    domain = app.settings.inbound_mail_domain
    work = Work(mail_inbox.REPLIES, 3, _read, partial(_apply, domain), _whose)
    return work_through(app, own_mails.first(work, domain))


def _read(payload: bytes) -> _Understood:
    try:
        form = msgspec.msgpack.decode(payload, type=InboundMail)
    except msgspec.DecodeError as error:
        raise Unusable(N_("the mail was not stored as it should have been")) from error
    return form, inbound_mail.read(form)


def _apply(domain: str, session: Session, waiting: Waiting, understood: _Understood, now: datetime) -> Done:
    form, letter = understood
    found = matching.match(session, domain, form, letter)
    if _is_of_erased(session, found, letter):
        return Done(N_("of somebody who was erased"), forget=True)
    if found.organisation_id is None:
        return Done("unmatched")
    if found.contact_id is None:
        strays.keep(session, found, waiting.key, waiting.payload, letter, now)
        return Done(N_("kept for somebody to say whose it is"), forget=True)
    return take_mail(session, found, waiting.key, form, letter, domain, now)


def _is_of_erased(session: Session, found: Match, letter: Letter) -> bool:
    """Whether it belongs to a customer who was erased, or nobody can tell whose it is and one of those wrote it."""
    if found.organisation_id and found.contact_id:
        return erasures.is_erased(session, found.organisation_id, found.contact_id)
    if found.organisation_id:
        return erasures.is_known_address(session, found.organisation_id, letter.from_email)
    return erasures.is_known_anywhere(session, letter.from_email)


def take_mail(
    session: Session,
    found: Match,
    key: str,
    form: InboundMail,
    letter: Letter,
    domain: str,
    now: datetime,
) -> Done:
    """A mail of which it is known whose it is, taken once, however often it comes."""
    organisation_id, contact_id = found.organisation_id or "", found.contact_id or ""
    sending.lock_organisation(session, organisation_id)
    answered = mail.locked(session, organisation_id, found.answered_id) if found.answered_id else None
    reply_id = derived_id("reply", organisation_id, key)
    if mail.is_known(session, organisation_id, reply_id):
        return Done("known already", forget=True)
    if answered and (report := mail_reports.report_in(form, letter)):
        done = mail_reports.take(session, report, answered, reply_id, now)
        if done:
            return done
    many = mail.replies_since(session, organisation_id, contact_id, now - timedelta(hours=1))
    _store(session, found, answered, reply_id, form, letter, now)
    if letter.automatic:
        return _automatic(session, found, answered, reply_id, letter, now)
    noted = many < MOST_NOTED_AN_HOUR
    if noted and answered is not None:
        forwards.queue(session, answered, reply_id, letter, domain, now)
    said = Said(
        organisation_id,
        contact_id,
        reply_id,
        letter.text,
        letter.from_name,
        matched_by=found.by,
        proven=found.proven,
    )
    return _follow(session, said, answered, now, noted=noted)


def _automatic(
    session: Session,
    found: Match,
    answered: Communication | None,
    reply_id: str,
    letter: Letter,
    now: datetime,
) -> Done:
    """What no person wrote stands on the timeline; whoever it says is away rests, and nothing else follows."""
    if letter.machine is None or letter.machine.kind != "out_of_office":
        return Done(N_("kept: an automatic answer"), forget=True)
    organisation_id, contact_id = found.organisation_id or "", found.contact_id or ""
    row = absences.take(
        session,
        organisation_id,
        contact_id,
        letter.machine,
        communication_id=reply_id,
        from_email=letter.from_email,
        answered=answered,
        now=now,
    )
    bells = ((doors.PLAN, organisation_id),) if row else ()
    return Done(N_("kept: an automatic answer"), bells, forget=True)


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
    """What an answer to a message of ours that is stored leads to: what it answers has left, and chasing waits.

    It ``holds`` nothing where it asks for nothing but an end of texts.
    """
    said = Said(
        answered.organisation_id,
        answered.contact_id,
        reply_id,
        letter.text,
        letter.from_name,
        matched_by="text",
    )
    return _follow(session, said, answered, now, noted=noted, holds=holds)


def _follow(
    session: Session,
    said: Said,
    answered: Communication | None,
    now: datetime,
    *,
    noted: bool,
    holds: bool = True,
) -> Done:
    organisation_id = said.organisation_id
    if answered is not None and answered.direction == "out":
        learn(session, answered, "sent", at=now, now=now)
    feed.tell_message(
        session, organisation_id, feed.EventKind.REPLY_RECEIVED, said.contact_id, said.reply_id, now=now
    )
    if holds:
        reply_work.begin(session, said, now)
    if noted:
        notes.queue_for_reply(session, organisation_id, said.reply_id, now, holds=holds)
    planning.look_again(session, organisation_id, [said.contact_id], now)
    bells = ((doors.NOTES, organisation_id), (doors.PLAN, organisation_id), (doors.FORWARDS, organisation_id))
    return Done("answered", bells, forget=True)


def _store(
    session: Session,
    found: Match,
    answered: Communication | None,
    reply_id: str,
    form: InboundMail,
    letter: Letter,
    now: datetime,
) -> None:
    organisation_id = found.organisation_id or ""
    kept = attached.kept_files(form.files)
    invoice_ids = found.invoice_ids
    if answered is not None:
        invoice_ids = (
            *(one.id for one in queries.about(session, organisation_id, answered.id)),
            *invoice_ids,
        )
    mail.add_reply(
        session,
        invoice_ids,
        organisation_id=organisation_id,
        id=reply_id,
        direction="in",
        channel="email",
        kind="auto_reply" if letter.automatic else "reply",
        status="received",
        reason=attached.left_out(form),
        contact_id=found.contact_id,
        reasons=[],
        to=[answered.from_email] if answered is not None and answered.from_email else [],
        from_name=letter.from_name or None,
        from_email=letter.from_email or None,
        subject=letter.subject,
        body_text=letter.text,
        body_html=letter.html,
        message_id=letter.message_id or None,
        in_reply_to=answered.id if answered is not None else None,
        sent_at=now,
        created_at=now,
    )
    mail.add_attachments(session, attached.rows(organisation_id, reply_id, kept))


def take(
    session: Session,
    organisation_id: str,
    contact_id: str,
    *,
    channel: str,
    text: str,
    now: datetime,
    key: str,
    subject: str | None = None,
    from_name: str | None = None,
    from_email: str | None = None,
    invoice_ids: Collection[str] = (),
    in_reply_to: str | None = None,
    files: Sequence[InboundFile] = (),
    meaning: Meaning | None = None,
    details: dict[str, Any] | None = None,
    at_once: bool = True,
) -> Communication:
    """What a customer says by another way than a mail: kept, held for, owned and noted like a mail's answer.

    The same ``key`` is the same reply, taken once. With a ``meaning`` nothing is guessed, and what the customer may do
    by itself is done at once: a claim of payment, a promise, a dispute; ``details`` as in ``reply_work.details_of``,
    with ``reason`` and ``category`` of a dispute. Without one it is made out from the text. Not ``at_once``: all of it
    waits for a person. The caller rings for notes and planning.
    """
    sending.lock_organisation(session, organisation_id)
    reply_id = derived_id("reply", organisation_id, key)
    if mail.is_known(session, organisation_id, reply_id):
        return session.get_one(Communication, (organisation_id, reply_id))
    many = mail.replies_since(session, organisation_id, contact_id, now - timedelta(hours=1))
    kept = attached.kept_files(files)
    about = [one.id for one in queries.invoices_of(session, organisation_id, contact_id, invoice_ids)]
    mail.add_reply(
        session,
        about,
        organisation_id=organisation_id,
        id=reply_id,
        direction="in",
        channel=channel,
        kind="reply",
        status="received",
        contact_id=contact_id,
        reasons=[],
        to=[],
        from_name=one_line(from_name or "")[:200] or None,
        from_email=from_email,
        subject=one_line(subject or "")[:500] or None,
        body_text=text,
        in_reply_to=in_reply_to,
        sent_at=now,
        created_at=now,
    )
    mail.add_attachments(session, attached.rows(organisation_id, reply_id, kept))
    answered = mail.locked(session, organisation_id, in_reply_to) if in_reply_to else None
    said = Said(
        organisation_id,
        contact_id,
        reply_id,
        text,
        from_name or "",
        channel,
        meaning=meaning,
        details=details,
    )
    _follow(session, said, answered, now, noted=many < MOST_NOTED_AN_HOUR)
    if meaning and at_once:
        reply_acts.at_once(session, organisation_id, reply_id, now)
    return session.get_one(Communication, (organisation_id, reply_id))
