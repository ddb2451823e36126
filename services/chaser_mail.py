"""Writes the mail of a chaser from the rows as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from credit_control.calendar import local_day, working_day_from
from credit_control.decisions import Message
from credit_control.facts import ContactBook, Invoice
from credit_control.late_payment.claim import Claim
from credit_control.occasions import OccasionKind
from credit_control.people import Addressees, Role
from credit_control.whom import Whom, whom
from integration.email.mailer import File, Mail
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import _
from services import bookkeeping, own_text
from services.account_links import link_for
from services.app import App
from services.belonging import OwnWords
from services.books import Desk
from services.compose import InvoiceLine, TemplateText, compose
from services.correspondence import Books, facts_of, reader_of, sums, thread_of
from services.interest import told_claims
from services.invoice_files import Enclosures
from services.mail_facts import NOTHING_ENCLOSED, MailFacts, line_of
from services.occasions import quotes
from services.occasions.answers import answering
from services.occasions.promised import facts_of_promise
from services.occasions.statement import credit_lines, statement_of
from services.preset_names import preset_name
from services.replies import reply_address
from services.senders import writer_of
from store.models import Communication
from store.queries import letters
from store.queries.disputes import dispute_of
from store.queries.letters import Addressee, EarlierMail, Sender, Text
from store.queries.quotes import quote_of

_WITHOUT_QUESTIONS = frozenset(
    {
        OccasionKind.THANKS,
        OccasionKind.CONFIRMATION,
        OccasionKind.PROMISE_DUE,
        OccasionKind.INSTALMENT_DUE,
        OccasionKind.DISPUTE_RESOLVED,
    }
)
"""These say nothing of unallocated money, nor that the books may lag."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The mail, and what is to be remembered of how it came about."""

    mail: Mail
    reply_token: str
    template_version_id: str
    to_role: Role | None
    copy_roles: tuple[Role, ...]
    own: OwnWords
    """What of it the organisation wrote itself."""
    sender: Sender


def write_letter(
    app: App,
    session: Session,
    desk: Desk,
    row: Communication,
    book: ContactBook,
    message: Message,
    enclosed: Enclosures,
    now: datetime,
) -> Letter:
    """The mail to those whom its step is meant for now. ``UserError`` when it cannot be written.

    One that no step sends is written like a chaser; a statement brings a file of its own, a confirmation its quote's.
    """
    quote_id = quote_of(row.occasion)
    dispute_id = dispute_of(row.occasion)
    made = material_of(session, desk, book, message, enclosed, now, row.kind, quote_id, dispute_id)
    if promise := facts_of_promise(book, row.occasion):
        made = replace(made, facts=replace(made.facts, promise=promise))
    edited = own_text.in_force(session, desk.organisation.id, row.id, book, message)
    written = edited or TemplateText(made.text.subject, made.text.body, made.text.kind)
    composed = compose(_linked(app, session, row, made.facts, written, now), written)
    thread = thread_of(made.text, composed.subject, made.earlier, len(message.taken))
    reply_token = row.reply_token or new_id()
    mail = Mail(
        id=row.id,
        organisation_id=desk.organisation.id,
        from_name=made.sender.name,
        from_email=made.sender.email,
        to=made.meant.to,
        reply_to=reply_address(app, reply_token),
        subject=composed.subject if edited else thread.subject,
        text=composed.text,
        html=composed.html,
        message_id=f"<{row.id}@{_domain(app, made.sender.email)}>",
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        files=made.files,
        cc=made.meant.copies,
        one_each=message.step.one_each,
        mailbox=made.sender.id if made.sender.by_mailbox else None,
    )
    signed = f"{made.sender.name}\n{made.sender.signature or ''}"
    printed = tuple(one.content for one in made.files) if row.kind == OccasionKind.STATEMENT else ()
    answer = made.facts.answers.answer if made.facts.answers else ""
    own = OwnWords(
        f"{written.subject}\n{written.body}\n{answer}", signed, made.sender.email, printed, quote_id
    )
    meant = made.meant.addressees
    return Letter(mail, reply_token, made.text.id, meant.to_role, meant.copy_roles, own, made.sender)


def _linked(
    app: App, session: Session, row: Communication, facts: MailFacts, text: TemplateText, now: datetime
) -> MailFacts:
    """The facts with the customer's own link for this mail; no link is made that its text does not give."""
    if "account_link" not in text.body:
        return facts
    link = link_for(
        app.settings, session, row.organisation_id, row.contact_id, communication_id=row.id, now=now
    )
    return replace(facts, account_link=link)


@dataclass(frozen=True, slots=True)
class Material:
    """What a letter is written from: who writes to whom, the template's text, and the facts to fill it with."""

    sender: Sender
    contact: Addressee
    meant: Whom
    text: Text
    earlier: Sequence[EarlierMail]
    facts: MailFacts
    files: tuple[File, ...]


def material_of(
    session: Session,
    desk: Desk,
    book: ContactBook,
    message: Message,
    enclosed: Enclosures,
    now: datetime,
    kind: str,
    quote_id: str = "",
    dispute_id: str = "",
) -> Material:
    """All that a letter of this kind about this message needs. ``UserError`` when something of it is missing.

    ``quote_id`` names the quote that an order confirmation is about, ``dispute_id`` the dispute that a mail answers.
    """
    organisation_id = desk.organisation.id
    sender = writer_of(session, desk.organisation, book.contact.id, message.step.sender)
    if sender is None:
        raise UserError(_("Nobody is set as the sender of chasers; name one in the settings."))
    meant = whom(book.contact, message.step, desk.policy.window)
    contact = greeted(letters.addressee(session, organisation_id, book.contact.id), meant.addressees)
    reader = reader_of(desk.organisation, contact)
    key = message.step.template or ""
    text = letters.template_of(session, organisation_id, key, reader.language, reader.home)
    if text is None:
        raise UserError(
            _(
                "The step “%(step_name)s” has no text; write one, or choose another for it.",
                step_name=preset_name(message.step.name),
            )
        )
    earlier = letters.earlier(session, organisation_id, [invoice_id for invoice_id, _ in message.taken])
    today = local_day(desk.policy.window, now)
    claims = told_claims(
        session, organisation_id, book.contact.id, [each for each, _ in message.taken], today
    )
    facts = facts_of(
        desk.organisation,
        sender,
        contact,
        _lines(book, message, enclosed, claims),
        today,
        [local_day(desk.policy.window, mail.sent_at) for mail in earlier],
        reader.locale(text.language),
        _books(session, desk, kind, book, now),
    )
    if days := message.step.stops_account_after_days:
        facts = replace(
            facts, account_stops_on=working_day_from(today + timedelta(days=days), desk.policy.window.off)
        )
    facts = replace(facts, encloses=kind not in NOTHING_ENCLOSED)
    files = tuple(enclosed.files[one.id] for one in _as_listed(book, message) if one.id in enclosed.files)
    if kind == OccasionKind.STATEMENT:
        facts = replace(facts, credits=credit_lines(session, organisation_id, book.contact.id))
        files = (statement_of(facts, book, message),)
    if kind == OccasionKind.CONFIRMATION:
        quote, files = quotes.material(session, organisation_id, quote_id)
        facts = replace(facts, quote=quote)
    if kind == OccasionKind.DISPUTE_RESOLVED:
        facts = answering(session, organisation_id, dispute_id, facts)
    return Material(sender, contact, meant, text, earlier, facts, files)


def greeted(contact: Addressee, meant: Addressees) -> Addressee:
    """The contact under the name of the one person to whom the mail goes; of several nobody is named."""
    if meant.to_role is None:
        return contact
    name = meant.to[0].name if len(meant.to) == 1 else ""
    return replace(contact, first_name=name.split()[0] if name.split() else None)


def _books(session: Session, desk: Desk, kind: str, book: ContactBook, now: datetime) -> Books:
    """Chasers ask about the customer's unallocated money; other mails do not, and a statement lists it."""
    doubt = bookkeeping.softens(session, desk.organisation, now)
    if kind in _WITHOUT_QUESTIONS:
        return Books()
    if kind == OccasionKind.STATEMENT:
        return Books(doubt=doubt)
    return Books(sums((credit.currency, credit.remaining) for credit in book.credits), doubt)


def _lines(
    book: ContactBook, message: Message, enclosed: Enclosures, claims: Mapping[str, Claim]
) -> tuple[InvoiceLine, ...]:
    return tuple(
        line_of(one, enclosed.links.get(one.id), claims.get(one.id)) for one in _as_listed(book, message)
    )


def _as_listed(book: ContactBook, message: Message) -> list[Invoice]:
    """The invoices as the letter lists them: a currency after the other, that of the gravest first, the oldest first."""
    by_id = {invoice.id: invoice for invoice in book.invoices}
    taken = [by_id[invoice_id] for invoice_id, _ in message.taken]
    currencies = list(dict.fromkeys(one.currency for one in taken))
    return sorted(taken, key=lambda one: (currencies.index(one.currency), one.due_on, one.number))


def _domain(app: App, sender_email: str) -> str:
    """The right side of a Message-ID: a name of ours, so that it is unique in the world."""
    return (
        app.settings.inbound_mail_domain
        or urlsplit(app.settings.public_url).hostname
        or sender_email.rpartition("@")[2]
    )
