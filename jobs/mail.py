"""Jobs for what the providers of mail and text messages tell us."""

from __future__ import annotations

from jobs.process import app
from jobs.turns import in_turn
from kit.doorbell import BULK
from services import (
    answers_out,
    doors,
    forwards,
    mail_events,
    mailbox_reading,
    paid_claims,
    replies,
    reply_reminders,
    text_costs,
    text_news,
)


def handle_events() -> None:
    """Events of our mails."""
    in_turn(doors.MAIL_EVENTS, doors.MAIL_EVENTS, work=lambda: mail_events.handle(app()))


def handle_replies() -> None:
    """Mails that came in."""
    in_turn(doors.REPLIES, doors.REPLIES, work=lambda: replies.handle(app()))


def forward(organisation_id: str) -> None:
    """Answers to be passed on to the colleagues whose mails they answer."""
    in_turn(
        organisation_id,
        doors.FORWARDS,
        organisation_id,
        work=lambda: forwards.forward(app(), organisation_id),
    )


def read_mailboxes(organisation_id: str) -> None:
    """One mailbox of an organisation; the next one comes behind the others, because any server may be slow."""
    bell = app().doorbell
    bell.answered(doors.READ_MAILBOXES, organisation_id)
    if mailbox_reading.read(app(), organisation_id):
        bell.ring(doors.READ_MAILBOXES, organisation_id, queue=BULK)


def handle_text_reports() -> None:
    """What became of our text messages."""
    in_turn(doors.TEXT_REPORTS, doors.TEXT_REPORTS, work=lambda: text_news.handle_reports(app()))


def handle_text_replies() -> None:
    """Text messages that came in."""
    in_turn(doors.TEXT_REPLIES, doors.TEXT_REPLIES, work=lambda: text_news.handle_replies(app()))


def ask_text_costs(organisation_id: str) -> None:
    """What text messages cost, asked of their provider."""
    app().doorbell.answered(doors.TEXT_COSTS, organisation_id)
    text_costs.ask(app(), organisation_id)


def look_at_replies(organisation_id: str) -> None:
    """Replies that wait too long, and claims of payment."""
    app().doorbell.answered(doors.REPLY_WORK, organisation_id)
    paid_claims.look(app(), organisation_id)
    reply_reminders.remind(app(), organisation_id)


def answer(organisation_id: str) -> None:
    """Colleagues' answers to customers."""
    in_turn(
        organisation_id,
        doors.ANSWERS,
        organisation_id,
        work=lambda: answers_out.send(app(), organisation_id),
    )
