"""Writes the text message of a chaser from the rows as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.decisions import Message
from credit_control.facts import ContactBook
from credit_control.segments import segments
from credit_control.text_to import number_for
from integration.sms.texter import TextMessage
from kit.errors import UserError
from kit.wording import _
from services import own_text
from services.account_links import link_for
from services.app import App
from services.books import Desk
from services.drafting import Draft, draft
from services.mail_facts import line_of
from services.text_costs import FIRST_ASK
from store.models import Communication


@dataclass(frozen=True, slots=True)
class WrittenText:
    """The text message, and what is to be remembered of how it came about."""

    message: TextMessage
    segments: int
    sender_name: str
    template_version_id: str | None
    ask_cost_at: datetime

    def record(self, row: Communication) -> None:
        """Keep on the chaser what leaves."""
        row.to, row.text_to = [self.message.to], self.message.to
        row.from_name, row.body_text = self.sender_name, self.message.text
        row.segments, row.template_version_id = self.segments, self.template_version_id
        row.ask_cost_at = self.ask_cost_at


def write_text(
    app: App,
    session: Session,
    desk: Desk,
    row: Communication,
    book: ContactBook,
    message: Message,
    now: datetime,
) -> WrittenText:
    """The text message to the number that is known now. ``UserError`` when it cannot be written, or is too long.

    ``OutOfDate`` when a person wrote it for something else than what it is about now.
    """
    number = number_for(book.contact, message.step)
    if number is None:
        raise UserError(_("Nobody at this customer has a mobile number any more."))
    own = own_text.in_force(session, desk.organisation.id, row.id, book, message)
    link = link_for(
        app.settings, session, desk.organisation.id, row.contact_id, communication_id=row.id, now=now
    )
    written = worded(session, desk, book, message, now, own.body if own else None, link)
    text = written.composed.text
    pieces = counted(text, app.settings.text_segments)
    reports_to = (
        f"{app.settings.public_url}/webhooks/twilio/status?organisation={desk.organisation.id}&text={row.id}"
    )
    return WrittenText(
        TextMessage(row.id, desk.organisation.id, number, text, reports_to),
        pieces,
        written.sender.name,
        written.template_version_id,
        now + FIRST_ASK,
    )


def worded(
    session: Session,
    desk: Desk,
    book: ContactBook,
    message: Message,
    now: datetime,
    own: str | None = None,
    account_link: str | None = None,
) -> Draft:
    """What the text message says, by its template or by what a person wrote. ``UserError`` when it cannot be written."""
    by_id = {invoice.id: invoice for invoice in book.invoices}
    lines = [(one.id, line_of(one)) for one in (by_id[invoice_id] for invoice_id, _ in message.taken)]
    return draft(session, desk, book, lines, message.step, now, own, account_link)


def counted(text: str, most: int) -> int:
    """In how many segments a text travels; ``UserError`` when these are more than ``most``."""
    pieces = segments(text)
    if pieces > most:
        raise UserError(
            _(
                "This text message would travel in %(pieces)s segments, and at most %(most)s are allowed: "
                "shorten its text.",
                pieces=pieces,
                most=most,
            )
        )
    return pieces
