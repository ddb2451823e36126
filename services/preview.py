"""Shows a text as a real customer would get it: on the invoices that are open now, with nothing sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.calendar import working_day_from
from credit_control.facts import Step
from credit_control.people import addressees, emails
from credit_control.segments import is_basic, segments
from credit_control.sender import OWNER
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import bookkeeping
from services.account_links import example_link
from services.compose import EXAMPLE_ANSWER, TemplateText, compose, example_quote
from services.correspondence import Books, Reader, facts_of, missing_language, reader_of, sums, thread_of
from services.interest import told_claims
from services.languages import language as known_language
from services.mail_facts import (
    LINKED,
    MAILS,
    NOTHING_ENCLOSED,
    AnswerFacts,
    Composed,
    CreditLine,
    PromiseFacts,
    QuoteFacts,
    line_of,
)
from services.occasions import promised
from services.occasions.quotes import facts_of_quote
from services.occasions.statement import credit_lines
from services.senders import Senders, senders_of
from store.asked import as_facts
from store.facts import policy_of
from store.models import Contact, Invoice, Organisation, Quote
from store.people import people_of
from store.queries import customers, examples, letters
from store.queries import quotes as quote_queries
from store.queries.letters import Addressee, EarlierMail, Sender, Text

_MOST_INVOICES = 50
_NO_TEXT = N_("This step has no text; choose one for it in its schedule.")


@dataclass(frozen=True, slots=True)
class Example:
    """A customer, and the open invoices that a mail to it is about."""

    contact: Contact
    addressee: Addressee
    reader: Reader
    invoices: Sequence[Invoice]
    earlier: Sequence[EarlierMail]
    books: Books
    to: tuple[str, ...]
    """Whom a mail goes to that is meant for who pays the bills."""
    credits: tuple[CreditLine, ...] = ()
    quote: Quote | None = None
    """The one that it accepted last, of those that are known."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as it would leave: from whom, to whom, what it says, and what is to be known about it."""

    sender: Sender
    to: tuple[str, ...]
    mail: Composed
    notes: tuple[str, ...]
    segments: int = 0
    """In how many pieces a text message travels; 0 for what is none."""

    @property
    def characters(self) -> int:
        return len(self.mail.text)

    @property
    def wide(self) -> bool:
        """A text message holds signs of which only 70 fit into a piece."""
        return not is_basic(self.mail.text)


@dataclass(frozen=True, slots=True)
class StepPreview:
    """What a step of a schedule would say, and on which day; or why it cannot be written."""

    step: Step
    on: date
    subject: str
    html: str
    note: str | None = None
    problem: str | None = None


def example(session: Session, organisation: Organisation, about: str) -> Example:
    """By an invoice's number or a part of a customer's name; by nothing, whoever's debt is oldest.

    ``UserError`` when nobody fits, or nothing is open.
    """
    about = about.strip().replace("\x00", "")
    invoice = examples.open_invoice(session, organisation.id, about) if about else None
    contact = (
        customers.contact(session, organisation.id, invoice.contact_id)
        if invoice
        else examples.owing_contact(session, organisation.id, about)
    )
    if contact is None:
        raise UserError(
            _(
                "No customer and no open invoice is called “%(value)s”; try a part of the name.",
                value=about[:60],
            )
            if about
            else _("Nothing is open in the ledger just now, so there is no real mail to show.")
        )
    invoices = (
        [invoice]
        if invoice
        else customers.open_invoices(session, organisation.id, contact.id)[:_MOST_INVOICES]
    )
    return about_invoices(session, organisation, contact, invoices)


def about_invoices(
    session: Session, organisation: Organisation, contact: Contact, invoices: Sequence[Invoice]
) -> Example:
    """This customer, with a mail about these invoices."""
    addressee = letters.addressee(session, organisation.id, contact.id)
    earlier = letters.earlier(session, organisation.id, [one.id for one in invoices])
    people = people_of(session, organisation.id, [contact.id])[contact.id]
    to = emails(addressees(people).to)
    books = Books(
        sums(customers.unallocated(session, organisation.id, contact.id)),
        bookkeeping.softens(session, organisation, clock.now()),
    )
    held = credit_lines(session, organisation.id, contact.id)
    offered = quote_queries.newest_of(session, organisation.id, contact.id)
    reader = reader_of(organisation, addressee)
    return Example(contact, addressee, reader, invoices, earlier, books, to, held, offered)


def preview(session: Session, organisation: Organisation, shown: Example, text: Text, today: date) -> Preview:
    """The text as this customer would get it today. ``UserError`` when it cannot be written."""
    known_language(text.language)
    sender = _sender(session, organisation, shown.contact)
    days = [_day(mail, organisation) for mail in shown.earlier]
    composed = _composed(session, organisation, sender, shown, text, today, days)
    if text.kind not in MAILS:
        return _other(sender, shown, text, composed)
    thread = thread_of(text, composed.subject, shown.earlier, len(shown.invoices))
    return Preview(
        sender,
        shown.to,
        Composed(thread.subject, composed.text, composed.html),
        tuple(_notes(shown, text, composed.subject, thread.subject)),
    )


def _other(sender: Sender, shown: Example, text: Text, composed: Composed) -> Preview:
    """A text message, a letter, or what to say on the phone: nothing that goes to a mailbox."""
    note = missing_language(shown.reader, text.language)
    pieces = segments(composed.text) if text.kind == "sms" else 0
    return Preview(sender, (), composed, (note,) if note else (), pieces)


def side_by_side(
    session: Session, organisation: Organisation, shown: Example, steps: Sequence[Step]
) -> list[StepPreview]:
    """What each mail of a schedule would say to this customer, each on its own day and knowing of those before it."""
    senders = senders_of(session, organisation)
    due_on = min(invoice.due_on for invoice in shown.invoices)
    found: list[StepPreview] = []
    for step in steps:
        if step.template:
            on = due_on + timedelta(days=step.offset_days)
            sender = _sender(session, organisation, shown.contact, step.sender, senders)
            found.append(_step(session, organisation, sender, shown, step, on, [one.on for one in found]))
    return found


def _step(
    session: Session,
    organisation: Organisation,
    sender: Sender,
    shown: Example,
    step: Step,
    on: date,
    days: Sequence[date],
) -> StepPreview:
    reader = shown.reader
    text = letters.template_of(session, organisation.id, step.template or "", reader.language, reader.home)
    if text is None:
        return StepPreview(step, on, "", "", problem=_NO_TEXT)
    try:
        composed = _composed(
            session, organisation, sender, shown, text, on, days, _stop_of(organisation, step, on)
        )
    except UserError as error:
        return StepPreview(step, on, "", "", problem=str(error))
    return StepPreview(step, on, composed.subject, composed.html, missing_language(reader, text.language))


def _composed(
    session: Session,
    organisation: Organisation,
    sender: Sender,
    shown: Example,
    text: Text,
    today: date,
    days: Sequence[date],
    stops_on: date | None = None,
) -> Composed:
    ids = [one.id for one in shown.invoices]
    claims = told_claims(session, organisation.id, shown.contact.id, ids, today)
    found = as_facts(session, organisation.id, shown.invoices)
    lines = tuple(line_of(one, claim=claims.get(one.id)) for one in found)
    locale = shown.reader.locale(text.language)
    books = shown.books if text.kind not in NOTHING_ENCLOSED else Books(doubt=shown.books.doubt)
    if text.kind == "confirmation":
        lines, books = (), Books()
    facts = facts_of(organisation, sender, shown.addressee, lines, today, days, locale, books)
    facts = replace(
        facts,
        account_stops_on=stops_on,
        encloses=text.kind not in NOTHING_ENCLOSED,
        credits=shown.credits if text.kind == "statement" else None,
        quote=_quote(organisation, shown, today) if text.kind == "confirmation" else None,
        answers=_answer(shown) if text.kind == "dispute_resolved" else None,
        promise=_promise(organisation, shown, today) if text.kind in promised.KINDS else None,
        account_link=example_link(session, organisation.id) if text.kind in LINKED else None,
    )
    return compose(facts, TemplateText(text.subject, text.body, text.kind))


def _answer(shown: Example) -> AnswerFacts:
    """A made-up answer, in the currency of the invoices."""
    return replace(EXAMPLE_ANSWER, currency=shown.invoices[0].currency)


def _quote(organisation: Organisation, shown: Example, today: date) -> QuoteFacts:
    """The customer's own quote, else a made-up one in the currency of its invoices."""
    if shown.quote:
        return facts_of_quote(shown.quote, attached=True)
    currency = shown.invoices[0].currency if shown.invoices else organisation.base_currency
    return example_quote(currency, today - timedelta(days=5))


def _promise(organisation: Organisation, shown: Example, today: date) -> PromiseFacts:
    """A made-up one, in the currency of the customer's invoices."""
    currency = shown.invoices[0].currency if shown.invoices else organisation.base_currency
    return promised.example_promise(currency, today)


def _stop_of(organisation: Organisation, step: Step, on: date) -> date | None:
    """The day that a warning of this step, sent on a day, names."""
    after = step.stops_account_after_days
    return working_day_from(on + timedelta(days=after), policy_of(organisation).window.off) if after else None


def _sender(
    session: Session,
    organisation: Organisation,
    contact: Contact,
    wish: str = OWNER,
    senders: Senders | None = None,
) -> Sender:
    """Who writes; while nobody is known, the organisation stands in, so that there is something to see."""
    found = (senders or senders_of(session, organisation)).writer(session, wish, contact.owner_id)
    return found or Sender(organisation.name, "", organisation.signature)


def _day(mail: EarlierMail, organisation: Organisation) -> date:
    return mail.sent_at.astimezone(ZoneInfo(organisation.timezone)).date()


def _notes(shown: Example, text: Text, own_subject: str, subject: str) -> list[str]:
    found = []
    if note := missing_language(shown.reader, text.language):
        found.append(note)
    if text.kind == "confirmation" and not shown.quote:
        found.append(
            _("No quote of this customer is known as accepted, so the mail is shown on a made-up one.")
        )
    if text.kind in promised.KINDS:
        found.append(_("It is shown on a made-up promise."))
    if subject != own_subject:
        found.append(
            _("It answers your earlier mail about these invoices, so it keeps the subject of that one.")
        )
    if not shown.to:
        found.append(_("Nobody at this customer has an e-mail address, so no mail can be sent to it."))
    return found
