"""What stands beside a mail, written with the facts of the moment: text messages, letters, what to say on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.facts import Action, Contact, ContactBook, Step
from credit_control.text_to import reached_by_text
from kit.errors import UserError
from kit.wording import _
from services import bookkeeping
from services.books import Desk
from services.compose import InvoiceLine, TemplateText, compose, shipped
from services.correspondence import Books, facts_of, reader_of, sums
from services.mail_facts import Composed, MailFacts
from services.senders import writer_of
from store.queries import letters
from store.queries.letters import Addressee, Sender, Text

USUAL_HINT = "call_hint"
"""What to say where a step names no text of its own."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written, and what it was written from."""

    composed: Composed
    facts: MailFacts
    sender: Sender
    template_version_id: str | None
    template: TemplateText


def draft(
    session: Session,
    desk: Desk,
    book: ContactBook,
    invoices: Sequence[tuple[str, InvoiceLine]],
    step: Step,
    now: datetime,
    own: str | None = None,
    account_link: str | None = None,
) -> Draft:
    """The text of a step about these invoices, as (id, line). ``UserError`` when it cannot be written.

    ``own`` is what a person wrote in place of the template's text, ``account_link`` the customer's link to its page.
    """
    organisation = desk.organisation
    addressee = _greeted(letters.addressee(session, organisation.id, book.contact.id), book.contact, step)
    reader = reader_of(organisation, addressee)
    # A colleague reads what to say in the organisation's language; the customer reads the rest in its own.
    language = reader.home if step.action is Action.CALL else reader.language
    template = step.template
    text = letters.template_of(session, organisation.id, template or USUAL_HINT, language, reader.home)
    if text is None and step.action is Action.CALL:
        usual = shipped(reader.home, step.action.value)[USUAL_HINT]
        text = Text("", reader.home, usual.subject, usual.body, False, usual.kind)
    if text is None:
        raise UserError(
            _(
                "The text “%(template)s” is not there any more; choose another for its step.",
                template=template,
            )
        )
    nobody = Sender(organisation.name, "", None)
    sender = writer_of(session, organisation, book.contact.id, step.sender) or nobody
    earlier = letters.earlier(session, organisation.id, [one for one, _ in invoices])
    window = desk.policy.window
    facts = facts_of(
        organisation,
        sender,
        addressee,
        tuple(line for _, line in invoices),
        local_day(window, now),
        [local_day(window, mail.sent_at) for mail in earlier],
        reader.locale(text.language),
        Books(
            sums((credit.currency, credit.remaining) for credit in book.credits),
            bookkeeping.softens(session, organisation, now),
        ),
    )
    facts = replace(facts, account_link=account_link)
    template_text = TemplateText(text.subject, text.body if own is None else own, text.kind)
    return Draft(compose(facts, template_text), facts, sender, text.id or None, template_text)


def _greeted(addressee: Addressee, contact: Contact, step: Step) -> Addressee:
    """A text message greets whose telephone it reaches."""
    reached = reached_by_text(contact, step) if step.action is Action.SMS else None
    if reached is None or not reached.name.split():
        return addressee
    return replace(addressee, first_name=reached.name.split()[0])
