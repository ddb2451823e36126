"""Jobs for what the mail provider tells us."""

from __future__ import annotations

from jobs.process import app
from jobs.turns import in_turn
from services import doors, mail_events, replies


def handle_events() -> None:
    """Events of our mails."""
    in_turn(doors.MAIL_EVENTS, doors.MAIL_EVENTS, work=lambda: mail_events.handle(app()))


def handle_replies() -> None:
    """Mails that came in."""
    in_turn(doors.REPLIES, doors.REPLIES, work=lambda: replies.handle(app()))
