"""What colleagues write to customers by hand: it stands on the timeline as theirs, and counts as a message.

It is found in the folder of what they sent, or comes to our reply address because they answered what was passed on to
them. A mail that merely claims to be a colleague's is shown as such and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from sqlalchemy.orm import Session

from kit.ids import derived_id
from kit.wording import N_
from services import attached, doors, mailbox_sieve, mime_mail, notes, settling_replies
from services.app import App
from services.inbound_mail import InboundMail, Letter, header
from services.inbox_loop import Done, Work
from services.proven import is_proven
from store.models import Communication, Organisation
from store.queries import mail, mailbox_readings, own_mails, planning
from store.queries.mail_inbox import Waiting

KIND = "own_mail"
_Understood = tuple[InboundMail, Letter]
_NOT_PROVEN = N_(
    "Sender not proven: it names {address} as its writer, but nothing shows that it comes from there, so it changes"
    " nothing."
)


def first(work: Work[_Understood], domain: str) -> Work[_Understood]:
    """The same work on mails that came in, after a look whether each is a colleague's or is there already."""

    def whose(app: App, understood: _Understood) -> str | None:
        found = mime_mail.found_in(understood[0])
        return found.organisation_id if found else work.whose(app, understood)

    def apply(session: Session, waiting: Waiting, understood: _Understood, now: datetime) -> Done:
        taken = _take(session, domain, waiting, understood, now)
        return taken or work.apply(session, waiting, understood, now)

    return replace(work, whose=whose, apply=apply)


def _take(
    session: Session, domain: str, waiting: Waiting, understood: _Understood, now: datetime
) -> Done | None:
    """What comes of it, unless it is to be handled as what a customer wrote."""
    form, letter = understood
    found = mime_mail.found_in(form)
    if found and found.folder == "sent":
        return _sent_by_hand(session, found.organisation_id, form, letter, domain, now)
    answered = _answered(session, domain, letter)
    organisation_id = found.organisation_id if found else answered and answered.organisation_id
    if organisation_id and _is_there(session, organisation_id, letter, waiting):
        return Done("known already", forget=True)
    if answered is None or letter.automatic or not _claims_to_be_ours(session, answered, letter):
        return None
    if not is_proven(form, letter):
        return _keep_unproven(session, answered, waiting, form, letter, now)
    return _keep(session, answered, _invoices(session, answered), form, letter, now)


def _is_there(session: Session, organisation_id: str, letter: Letter, waiting: Waiting) -> bool:
    """The same mail came in by another way: through the provider, or in a colleague's mailbox."""
    own_id = derived_id("reply", organisation_id, waiting.key)
    return bool(letter.message_id) and own_mails.came_before(
        session, organisation_id, letter.message_id, own_id
    )


def _answered(session: Session, domain: str, letter: Letter) -> Communication | None:
    """The mail of ours that is answered: by the secret address it was sent to, else by what it refers to."""
    tokens = mailbox_sieve.tokens_in([letter.recipients], domain)
    found = mail.by_reply_token(session, tokens) if tokens else None
    found = found or (mail.by_message_id(session, letter.answers) if letter.answers else None)
    return mail.locked(session, *found) if found else None


def _claims_to_be_ours(session: Session, answered: Communication, letter: Letter) -> bool:
    """It names an address to which answers to this mail are passed on, and no address that the mail went to."""
    writer = letter.from_email.casefold()
    theirs = {one.casefold() for one in (*answered.to, *answered.cc)}
    ours = own_mails.passed_on_to(session, answered.organisation_id, answered.contact_id)
    return bool(writer) and writer not in theirs and writer in ours | {(answered.from_email or "").casefold()}


def _sent_by_hand(
    session: Session, organisation_id: str, form: InboundMail, letter: Letter, domain: str, now: datetime
) -> Done:
    """A mail out of the folder of what was sent, which the sieve took for one to a customer."""
    lines = mailbox_sieve.lines_of(form.fields.get("headers", b"") + b"\r\n\r\n")
    tokens = mailbox_sieve.tokens_in(lines.recipients, domain)
    threads = mailbox_readings.in_threads(session, organisation_id, lines.answers)
    threads |= mailbox_readings.by_tokens(session, organisation_id, tokens)
    in_thread = next((threads[one] for one in (*tokens, *lines.answers) if one in threads), None)
    if in_thread is not None:
        about = own_mails.message(session, organisation_id, in_thread.id)
        return _keep(session, about, _invoices(session, about), form, letter, now)
    debtors = mailbox_readings.debtors_at(session, organisation_id, lines.recipients)
    contacts = {contact for found in debtors.values() for contact in found}
    open_invoices = mailbox_readings.open_invoices(session, organisation_id, contacts)
    named = mailbox_sieve.names(mime_mail.words_of(form), mailbox_sieve.numbers_of(open_invoices))
    ours = [one for one in open_invoices if one.number in named]
    if len({one.contact_id for one in ours}) != 1:
        return Done(N_("not about one customer alone"), forget=True)
    ids = [one.id for one in ours]
    return _keep(session, own_mails.about(organisation_id, ours[0].contact_id), ids, form, letter, now)


def _invoices(session: Session, answered: Communication) -> list[str]:
    return own_mails.invoices_of(session, answered.organisation_id, answered.id)


def _keep(
    session: Session,
    about: Communication,
    invoice_ids: list[str],
    form: InboundMail,
    letter: Letter,
    now: datetime,
) -> Done:
    """On the timeline, in the ledger, and counted: nobody is chased just after a colleague has written."""
    organisation_id, contact_id = about.organisation_id, about.contact_id
    if not own_mails.lock(session, organisation_id, contact_id):
        return Done(N_("the customer is gone"), forget=True)
    own_id = derived_id("own-mail", organisation_id, letter.message_id or repr(sorted(form.fields.items())))
    known = mailbox_readings.in_threads(
        session, organisation_id, [letter.message_id] if letter.message_id else []
    )
    if known or mail.is_known(session, organisation_id, own_id):
        return Done("known already", forget=True)
    at = _written_at(letter, form, now)
    values = {
        "direction": "out", "status": "sent", "to": _others(letter, about), "sent_at": at, "reason": attached.left_out(form),
    }  # fmt: skip
    _store(session, about, own_id, invoice_ids, form, letter, now, values)
    mail.message_left(session, organisation_id, contact_id, at)
    notes.queue_for_record(session, organisation_id, own_id, now)
    _settle(session, organisation_id, contact_id, letter.from_name or letter.from_email, at, now)
    planning.look_again(session, organisation_id, [contact_id], now)
    return Done(
        N_("a colleague wrote it"),
        ((doors.NOTES, organisation_id), (doors.PLAN, organisation_id)),
        forget=True,
    )


def _settle(
    session: Session, organisation_id: str, contact_id: str, by: str, written_at: datetime, now: datetime
) -> None:
    """What the customer asked before is answered. What it claims or promises still waits for a person's word."""
    organisation = session.get_one(Organisation, organisation_id)
    for reply_id in own_mails.questions(session, organisation_id, contact_id, written_at):
        settling_replies.settle(session, organisation, reply_id, settling_replies.ANSWERED, by=by, now=now)


def _keep_unproven(
    session: Session,
    answered: Communication,
    waiting: Waiting,
    form: InboundMail,
    letter: Letter,
    now: datetime,
) -> Done:
    """Shown, with that remark; it stops nothing, answers nothing and is passed on to nobody."""
    organisation_id = answered.organisation_id
    own_id = derived_id("reply", organisation_id, waiting.key)
    if mail.is_known(session, organisation_id, own_id):
        return Done("known already", forget=True)
    values = {
        "direction": "in", "status": "received", "to": [], "sent_at": now,
        "reason": _NOT_PROVEN.format(address=letter.from_email),
    }  # fmt: skip
    _store(session, answered, own_id, _invoices(session, answered), form, letter, now, values)
    return Done(N_("kept: its sender is not proven"), forget=True)


def _store(
    session: Session,
    about: Communication,
    own_id: str,
    invoice_ids: list[str],
    form: InboundMail,
    letter: Letter,
    now: datetime,
    values: dict[str, Any],
) -> None:
    own_mails.add(
        session,
        invoice_ids,
        organisation_id=about.organisation_id,
        id=own_id,
        channel="email",
        kind=KIND,
        contact_id=about.contact_id,
        reasons=[],
        from_name=letter.from_name or None,
        from_email=letter.from_email or None,
        subject=letter.subject,
        body_text=letter.text,
        body_html=letter.html,
        message_id=letter.message_id or None,
        in_reply_to=about.id or None,
        created_at=now,
        **values,
    )
    files = attached.kept_files(form.files)
    mail.add_attachments(session, attached.rows(about.organisation_id, own_id, files))


def _others(letter: Letter, about: Communication) -> list[str]:
    """To whom it went, without our own reply address and the writer."""
    found = [address for _, address in getaddresses([letter.addressees[:20_000]]) if "@" in address]
    return [one for one in dict.fromkeys(found) if not one.lower().startswith("r-")][:20] or list(about.to)


def _written_at(letter: Letter, form: InboundMail, now: datetime) -> datetime:
    """By the mail's own date, as far as it can be believed: never later than now, nor long before it was found."""
    try:
        at = parsedate_to_datetime(header(form, "Date"))
    except (ValueError, TypeError, OverflowError, IndexError):
        return now
    if at.tzinfo is None:
        return now
    return at if now - timedelta(days=7) < at < now else now
