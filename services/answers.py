"""A colleague's answer to a customer, in the thread and as themselves. It is handed over at most once.

It is stored first and leaves by a job: from the commit of its hand-over on it may have left, so what nobody knows the
end of is never sent again by itself. Machines are never answered, and whatever stops all mail stops answers too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from credit_control.words import Day
from integration.email.headers import is_address
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _, grouped
from services import answer_settling, attached, restriction, text_answers
from services.answer_settling import Ending
from services.app import App
from services.inbound_mail import InboundFile
from services.mail_layout import paragraphs_as_html
from services.merge_fields import one_line, plain
from services.replies import reply_address
from services.senders import senders_of, writer_of
from services.threads import quoted
from services.understanding import Meaning
from store.models import Answer, Communication, Organisation
from store.queries import answers as queries
from store.queries import letters, mail, replies
from store.queries.letters import Sender
from store.queries.sending_domains import domain_of

LONGEST_TEXT = 20_000
LARGEST = 10 * 1024 * 1024
"""Bytes of all files that a person adds to one answer."""
_MOST_QUOTED = 50_000
_ANSWER = "Re: "


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as a person wrote it. ``invoice_ids``: whose PDFs go with it.

    ``ending``: what comes of the reply (None: the likeliest); ``begun_with``: the meaning whose draft it began with.
    """

    text: str
    invoice_ids: tuple[str, ...] = ()
    files: tuple[InboundFile, ...] = ()
    ending: Ending | None = None
    begun_with: str = Meaning.OTHER


def why_not(app: App, session: Session, message: Communication) -> str | None:
    """Why a message cannot be answered in the way that it came, as a sentence; None: it can."""
    if (restricted := restriction.why_not(session, message.organisation_id, message.contact_id)) is not None:
        return restricted
    if message.kind == "auto_reply":
        return N_("A machine wrote this; answering it would reach nobody.")
    if message.channel == "sms":
        return text_answers.why_not(app, session, message)
    mail = mail_of(session, message)
    if mail is None or (message.kind == "answer" and message.direction == "in"):
        return N_("Only mails can be answered from here; ring, or write in another way.")
    addresses = to_whom(mail)
    if not addresses:
        return N_("It names no address that an answer could go to.")
    own = app.settings.inbound_mail_domain
    if own and any(domain_of(one) == own for one in addresses):
        return N_("It came from an address of our own, so an answer would come back to us.")
    return None


def mail_of(session: Session, message: Communication) -> Communication | None:
    """The mail in whose thread it is answered: itself, or of what was said on the customer's page the mail with its link.

    None: no mail is near.
    """
    found = queries.answered(session, message) if message.channel == "page" else message
    return found if found is not None and found.channel == "email" else None


def to_whom(mail: Communication) -> tuple[str, ...]:
    """To whom an answer in its thread goes: whoever wrote it; of a mail of ours, whoever got it; of a text, its number."""
    if mail.channel == "sms":
        number = text_answers.number_of(mail)
        return (number,) if number else ()
    given = [mail.from_email or ""] if mail.direction == "in" else mail.to
    return tuple(one for one in given if is_address(one))


def writer(
    session: Session, organisation: Organisation, contact_id: str, person_id: str | None
) -> Sender | None:
    """As whom this person answers: as themselves where they have a sender, else as whoever writes to the customer."""
    found = senders_of(session, organisation)
    own = next((row for row in found.rows if person_id and row.person_id == person_id), None)
    if own is not None:
        return letters.sender_of(session, organisation, own)
    return writer_of(session, organisation, contact_id)


def write(
    app: App,
    session: Session,
    organisation: Organisation,
    message: Communication,
    written: Written,
    *,
    by: str,
    person_id: str | None,
    now: datetime,
) -> Communication:
    """Store the answer to a message, to leave at once, and do what it says comes of it.

    The caller rings for answers, planning and notes after the commit.

    ``UserError`` when the message cannot be answered, or the answer cannot be sent as it is.
    """
    if problem := why_not(app, session, message):
        raise UserError(problem)
    by_text = message.channel == "sms"
    text, pieces = _checked_text(app, written) if by_text else (_checked(written), None)
    thread = mail_of(session, message) or message
    sender = writer(session, organisation, message.contact_id, person_id)
    if sender is None:
        raise UserError(_("Nobody is set as the sender of mails; name one in the settings."))
    invoices = replies.invoices_of(session, organisation.id, message.contact_id, written.invoice_ids)
    if len(invoices) != len(set(written.invoice_ids)):
        raise UserError(_("Choose invoices of this customer."))
    answer_id, body = new_id(), text if by_text else _body(text, message)
    headers = {} if by_text else mail_headers(app, sender, subject_of(thread), answer_id, body)
    about = [one.id for one in replies.about(session, organisation.id, message.id)]
    mail.add_reply(
        session,
        [*about, *written.invoice_ids],
        organisation_id=organisation.id,
        id=answer_id,
        direction="out",
        channel="sms" if by_text else "email",
        kind="answer",
        status="sending",
        contact_id=message.contact_id,
        step_name="Answer",
        reasons=[],
        to=list(to_whom(thread)),
        from_name=sender.name,
        body_text=body,
        in_reply_to=message.id,
        segments=pieces,
        created_at=now,
        **headers,
    )
    files = [
        InboundFile(attached.file_name(file.name), attached.file_type(file.content_type), file.content)
        for file in written.files
    ]
    mail.add_attachments(session, attached.rows(organisation.id, answer_id, files))
    settles = answer_settling.settle(
        session,
        organisation,
        replies.one(session, organisation.id, message.id),
        written.ending,
        written.begun_with,
        by=by,
        now=now,
    )
    row = Answer(
        organisation_id=organisation.id,
        communication_id=answer_id,
        invoice_ids=[one.id for one in invoices],
        status="pending",
        settles=settles,
        written_by=by,
        next_try_at=now,
        created_at=now,
    )
    queries.add(session, row)
    return session.get_one(Communication, (organisation.id, answer_id))


def mail_headers(app: App, sender: Sender, subject: str, mail_id: str, body: str) -> dict[str, str | None]:
    """What a mail has and a text message has not, as columns of its communication."""
    return {
        "from_email": sender.email,
        "subject": subject,
        "body_html": paragraphs_as_html(body),
        "message_id": f"<{mail_id}@{_domain(app, sender)}>",
        "reply_token": new_id(),
        "sender_id": sender.id,
    }


def _checked_text(app: App, written: Written) -> tuple[str, int]:
    if written.files or written.invoice_ids:
        raise UserError(_("Files cannot go with a text message; leave them out, or write a mail."))
    return text_answers.checked(app, written.text)


def _checked(written: Written) -> str:
    text = plain(written.text.replace("\r\n", "\n")).strip()
    if not text:
        raise UserError(_("The answer is empty; write something."))
    if len(text) > LONGEST_TEXT:
        raise UserError(
            _(
                "The answer is too long; at most %(longest_text)s characters can be sent.",
                longest_text=grouped(LONGEST_TEXT),
            )
        )
    if len(written.files) > attached.MOST_FILES:
        raise UserError(
            _("At most %(most_files)s files can go with an answer.", most_files=attached.MOST_FILES)
        )
    if sum(len(file.content) for file in written.files) > LARGEST:
        raise UserError(
            _("The files are larger than 10 MB together, which mailboxes do not take; send fewer.")
        )
    return text


def subject_of(message: Communication) -> str:
    """``Re: `` and the subject, once."""
    subject = one_line(message.subject or "").replace("=?", "") or "Your message"
    return subject if subject[:3].casefold() == "re:" else f"{_ANSWER}{subject}"


def _body(text: str, message: Communication) -> str:
    """What was written, and below it the mail that it answers."""
    on = message.sent_at or message.created_at
    name = one_line(message.from_name or message.from_email or "you")
    original = (message.body_text or "")[:_MOST_QUOTED]
    return f"{text}\n\nOn {Day(on.date())}, {name} wrote:\n{quoted(original)}\n"


def _domain(app: App, sender: Sender) -> str:
    """The right side of a Message-ID: a name of ours, so that it is unique in the world."""
    return (
        app.settings.inbound_mail_domain
        or urlsplit(app.settings.public_url).hostname
        or sender.email.rpartition("@")[2]
    )


def reply_to(app: App, row: Communication) -> str | None:
    """Where answers to an answer come."""
    return reply_address(app, row.reply_token or "")
