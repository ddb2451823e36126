"""Jobs for what the providers of mail and text messages tell us."""

from __future__ import annotations

from jobs.process import app
from jobs.turns import in_turn
from services import doors, mail_events, replies, text_news


def handle_events() -> None:
    """Events of our mails."""
    in_turn(doors.MAIL_EVENTS, doors.MAIL_EVENTS, work=lambda: mail_events.handle(app()))


def handle_replies() -> None:
    """Mails that came in."""
    in_turn(doors.REPLIES, doors.REPLIES, work=lambda: replies.handle(app()))


def handle_text_reports() -> None:
    """What became of our text messages."""
    in_turn(doors.TEXT_REPORTS, doors.TEXT_REPORTS, work=lambda: text_news.handle_reports(app()))


def handle_text_replies() -> None:
    """Text messages that came in."""
    in_turn(doors.TEXT_REPLIES, doors.TEXT_REPLIES, work=lambda: text_news.handle_replies(app()))
