"""Writing the text of one mail: what it would say, to begin from, and what it says once a person has written it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kit.errors import UserError
from services import own_text
from services.books import Desk
from services.chaser_mail import Material, material_of
from services.compose import Composed, TemplateText, compose, rendered
from services.correspondence import thread_of
from services.invoice_files import Enclosures
from services.one_mail import Found
from services.own_text import LONGEST_SUBJECT, LONGEST_TEXT
from store.models import EditedText
from store.queries import by_hand

_CHASER = "chaser"

_NOT_PLANNED = "It is only foreseen; its text can be written once it is planned, on the day its step is due."


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail as it would leave now. ``text`` is what to begin from when writing another one."""

    mail: Composed | None
    text: TemplateText | None
    own: EditedText | None
    problem: str | None = None
    """Why it cannot be written."""


def draft(session: Session, desk: Desk, found: Found, now: datetime) -> Draft:
    """What the mail would say now."""
    own = _own(session, desk, found)
    try:
        made = _material(session, desk, found, now)
        theirs = rendered(made.facts, TemplateText(made.text.subject, made.text.body))
        if own is not None and not own.set_aside:
            written = TemplateText(own.subject, own.body)
            return Draft(compose(made.facts, written), written, own)
        composed = compose(made.facts, TemplateText(made.text.subject, made.text.body))
        subject = thread_of(made.text, composed.subject, made.earlier, len(found.mail.message_steps)).subject
        return Draft(Composed(subject, composed.text, composed.html), TemplateText(subject, theirs.body), own)
    except UserError as problem:
        return Draft(None, None, own, str(problem))


def write(
    session: Session, desk: Desk, found: Found, subject: str, text: str, by: str, now: datetime
) -> None:
    """Keep a person's text for the mail, if it could leave like that. ``UserError`` says what is wrong with it."""
    mail = found.mail
    if mail.communication_id is None or mail.message is None:
        raise UserError(_NOT_PLANNED)
    written = TemplateText(subject.strip(), text.replace("\r\n", "\n").strip())
    if len(written.subject) > LONGEST_SUBJECT or len(written.body) > LONGEST_TEXT:
        raise UserError(
            f"It is too long; a subject has at most {LONGEST_SUBJECT} characters, a text {LONGEST_TEXT:,}."
        )
    if not written.body:
        raise UserError("The text of the mail is empty.")
    compose(_material(session, desk, found, now).facts, written)
    own_text.write(
        session,
        desk.organisation.id,
        mail.communication_id,
        mail.contact_id,
        written,
        own_text.about(found.coming.book, mail.message),
        by,
        now,
    )


def _material(session: Session, desk: Desk, found: Found, now: datetime) -> Material:
    if found.mail.message is None:
        raise UserError(_NOT_PLANNED)
    return material_of(session, desk, found.coming.book, found.mail.message, Enclosures({}, {}), now, _CHASER)


def _own(session: Session, desk: Desk, found: Found) -> EditedText | None:
    chaser_id = found.mail.communication_id
    return by_hand.text_of(session, desk.organisation.id, chaser_id) if chaser_id else None
