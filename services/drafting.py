"""What stands beside a mail, written with the facts of the moment: text messages, letters, what to say on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.facts import Action
from kit.errors import UserError
from services import bookkeeping
from services.books import Desk
from services.compose import InvoiceLine, TemplateText, compose, shipped
from services.correspondence import Books, facts_of, reader_of
from services.mail_facts import Composed, MailFacts
from store.queries import letters
from store.queries.letters import Sender, Text

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
    contact_id: str,
    invoices: Sequence[tuple[str, InvoiceLine]],
    kind: Action,
    template: str | None,
    now: datetime,
) -> Draft:
    """The text about these invoices, as (id, line). ``UserError`` when it cannot be written."""
    organisation = desk.organisation
    addressee = letters.addressee(session, organisation.id, contact_id)
    reader = reader_of(organisation, addressee)
    # A colleague reads what to say in the organisation's language; the customer reads the rest in its own.
    language = reader.home if kind is Action.CALL else reader.language
    text = letters.template_of(session, organisation.id, template or USUAL_HINT, language, reader.home)
    if text is None and kind is Action.CALL:
        usual = shipped(reader.home, kind.value)[USUAL_HINT]
        text = Text("", reader.home, usual.subject, usual.body, False, usual.kind)
    if text is None:
        raise UserError(f"The text “{template}” is not there any more; choose another for its step.")
    sender = letters.sender_of(session, organisation) or Sender(organisation.name, "", None)
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
        Books(doubt=bookkeeping.softens(session, organisation, now)),
    )
    template_text = TemplateText(text.subject, text.body, text.kind)
    return Draft(compose(facts, template_text), facts, sender, text.id or None, template_text)
