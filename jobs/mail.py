"""Jobs for what the mail provider tells us."""

from __future__ import annotations

from jobs.process import app
from jobs.turns import in_turn
from services import doors, forwards, mail_events, replies


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
