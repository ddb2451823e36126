"""Jobs for what the mail provider tells us."""

from __future__ import annotations

from jobs.process import app
from services import doors, mail_events, replies


def handle_events() -> None:
    """Events of our mails."""
    app().doorbell.answered(doors.MAIL_EVENTS)
    mail_events.handle(app())


def handle_replies() -> None:
    """Mails that came in."""
    app().doorbell.answered(doors.REPLIES)
    replies.handle(app())
