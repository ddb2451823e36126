"""Writing the text of one message: what it would say, to begin from, and what it says once a person has written it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.decisions import Message
from credit_control.facts import Action
from kit.errors import UserError
from kit.wording import N_, _, grouped
from services import own_text
from services.account_links import example_link
from services.books import Desk
from services.chaser_mail import Material, material_of
from services.compose import Composed, TemplateText, compose, rendered
from services.correspondence import thread_of
from services.invoice_files import Enclosures
from services.one_mail import Found
from services.own_text import LONGEST_SUBJECT, LONGEST_TEXT
from services.text_message import counted, worded
from store.models import EditedText
from store.queries import by_hand

_CHASER = "chaser"

_NOT_PLANNED = N_(
    "It is only foreseen; its text can be written once it is planned, on the day its step is due."
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it would leave. ``text`` is what to begin from when writing another one."""

    mail: Composed | None
    text: TemplateText | None
    own: EditedText | None
    problem: str | None = None
    """Why it cannot be written."""


def draft(session: Session, desk: Desk, found: Found, now: datetime) -> Draft:
    """What the message would say at the moment for which it is planned, as far as that can be known now."""
    then = max(now, found.mail.planned_for)
    own = _own(session, desk, found)
    in_force = None if own is None or own.set_aside else TemplateText(own.subject, own.body)
    try:
        if (message := found.mail.message) and _is_text(message):
            body = in_force.body if in_force else None
            link = example_link(session, desk.organisation.id)
            text = worded(session, desk, found.coming.book, message, then, body, link)
            return Draft(text.composed, in_force or rendered(text.facts, text.template), own)
        made = _material(session, desk, found, then)
        if in_force is not None:
            return Draft(compose(made.facts, in_force), in_force, own)
        template = TemplateText(made.text.subject, made.text.body)
        composed = compose(made.facts, template)
        subject = thread_of(made.text, composed.subject, made.earlier, len(found.mail.message_steps)).subject
        begun = TemplateText(subject, rendered(made.facts, template).body)
        return Draft(Composed(subject, composed.text, composed.html), begun, own)
    except UserError as problem:
        return Draft(None, None, own, str(problem))


def write(
    session: Session,
    desk: Desk,
    found: Found,
    subject: str,
    text: str,
    by: str,
    now: datetime,
    *,
    most_segments: int,
) -> None:
    """Keep a person's text for the message, if it could leave like that. ``UserError`` says what is wrong with it.

    A text message has no subject, and travels in at most ``most_segments``.
    """
    mail, message = found.mail, found.mail.message
    if mail.communication_id is None or message is None:
        raise UserError(_(_NOT_PLANNED))
    is_text = _is_text(message)
    written = TemplateText("" if is_text else subject.strip(), text.replace("\r\n", "\n").strip())
    if len(written.subject) > LONGEST_SUBJECT or len(written.body) > LONGEST_TEXT:
        raise UserError(
            _(
                "It is too long; a subject has at most %(longest_subject)s characters, a text %(longest_text)s.",
                longest_subject=LONGEST_SUBJECT,
                longest_text=grouped(LONGEST_TEXT),
            )
        )
    if not written.body:
        raise UserError(_("The text is empty."))
    if is_text:
        link = example_link(session, desk.organisation.id)
        made = worded(session, desk, found.coming.book, message, now, written.body, link)
        counted(made.composed.text, most_segments)
    else:
        compose(_material(session, desk, found, now).facts, written)
    own_text.write(
        session,
        desk.organisation.id,
        mail.communication_id,
        mail.contact_id,
        written,
        own_text.about(found.coming.book, message),
        by,
        now,
    )


def _is_text(message: Message) -> bool:
    return message.step.action is Action.SMS


def _material(session: Session, desk: Desk, found: Found, now: datetime) -> Material:
    if found.mail.message is None:
        raise UserError(_(_NOT_PLANNED))
    made = material_of(session, desk, found.coming.book, found.mail.message, Enclosures({}, {}), now, _CHASER)
    link = example_link(session, desk.organisation.id)
    return replace(made, facts=replace(made.facts, account_link=link))


def _own(session: Session, desk: Desk, found: Found) -> EditedText | None:
    chaser_id = found.mail.communication_id
    return by_hand.text_of(session, desk.organisation.id, chaser_id) if chaser_id else None
