"""Changing templates: a change is a new version, and what could not be sent is refused before it is kept.

All work within the caller's change and lock the organisation, so that two changes at once become two versions.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import second_eyes
from services.compose import TemplateText, check
from services.languages import home_language, language
from services.mail_facts import KINDS, MANY
from services.preset_names import preset_name
from services.text_message import counted
from store.models import Organisation, Template, TemplateVersion
from store.queries import templates as queries
from store.queries.switches import organisation_to_change

LONGEST_NAME = 100
_LONGEST_SUBJECT = 500
_LONGEST_KEY = 24
_WORD = re.compile("[a-z0-9]+")


class InUse(UserError):
    """The template cannot be removed, because steps send it."""


class Overtaken(UserError):
    """Somebody else changed the text while this change was being written."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as somebody wants it kept. ``based_on``: the number of the version that they began from, if known.

    ``most_segments``: in how many segments a text message may travel here.
    """

    name: str
    language: str
    text: TemplateText
    starts_conversation: bool = False
    based_on: int | None = None
    most_segments: int = 3


def home_of(organisation: Organisation) -> str:
    """The language in which the organisation writes (ISO 639)."""
    return home_language(organisation.language, organisation.country)


def create(session: Session, organisation_id: str, draft: Draft, now: datetime) -> Template:
    """A new template with its first text. ``UserError`` says what is wrong, and in which line."""
    organisation_to_change(session, organisation_id)
    if draft.text.kind in KINDS and draft.text.kind not in MANY:
        raise UserError(
            _("There is one text for “%(kinds)s” already; change that one.", kinds=KINDS[draft.text.kind])
        )
    known = queries.keys_and_names(session, organisation_id)
    tidy = _checked(draft, {name for _, name in known if name})
    _second_yes(session, organisation_id, "create", N_(f"A new text, “{tidy.name}”"), tidy)
    template = Template(
        organisation_id=organisation_id,
        id=new_id(),
        key=_key(tidy.name, {key for key, _ in known}),
        name=tidy.name,
        kind=tidy.text.kind,
        starts_conversation=tidy.starts_conversation,
        removed_at=None,
    )
    session.add(template)
    session.flush()
    _add_version(session, template, tidy, 1, now)
    return template


def change(session: Session, organisation_id: str, template: Template, draft: Draft, now: datetime) -> None:
    """Its name, and its text in one language, as a new version if it is another than before. Errors as ``create``."""
    organisation_to_change(session, organisation_id)
    taken = {name for _, name in queries.keys_and_names(session, organisation_id) if name}
    tidy = _checked(draft, taken - {template.name})
    newest = {
        one.language: one for one in queries.texts(session, organisation_id, [template.id])[template.id]
    }
    before = newest.get(tidy.language)
    _check_not_overtaken(before, draft)
    if _says_another(template, before, tidy):
        title = N_(f"Change the text “{template.name}” ({tidy.language})")
        _second_yes(session, organisation_id, "change", title, tidy, template.id)
    template.name, template.starts_conversation = tidy.name, tidy.starts_conversation
    if before is None or (before.subject, before.body) != (tidy.text.subject, tidy.text.body):
        _add_version(session, template, tidy, before.number + 1 if before else 1, now)


def remove(session: Session, organisation_id: str, template: Template, now: datetime) -> None:
    """Nobody can choose it any more. ``InUse`` while a schedule does; invoices under way with it still get it."""
    organisation_to_change(session, organisation_id)
    if template.kind not in MANY:
        raise InUse(
            _(
                "“%(template_name)s” is the only text of its kind; change it, or switch such mails off.",
                template_name=preset_name(template.name),
            )
        )
    if used_by := queries.uses(session, organisation_id).get(template.key):
        raise InUse(
            _(
                "“%(template_name)s” is sent by %(joined)s; choose another text for its steps there first.",
                template_name=preset_name(template.name),
                joined=_joined(used_by),
            )
        )
    _second_yes(
        session, organisation_id, "remove", N_(f"Remove the text “{template.name}”"), None, template.id
    )
    template.removed_at = now


def _says_another(template: Template, before: TemplateVersion | None, tidy: Draft) -> bool:
    return (
        before is None
        or (before.subject, before.body) != (tidy.text.subject, tidy.text.body)
        or (template.name, template.starts_conversation) != (tidy.name, tidy.starts_conversation)
    )


def _second_yes(
    session: Session,
    organisation_id: str,
    what: str,
    title: str,
    draft: Draft | None,
    template_id: str | None = None,
) -> None:
    """Stop here where the organisation wants two people for its texts, and only one has asked for this."""
    details: dict[str, Any] = {"template_id": template_id}
    if draft is not None:
        details |= {
            "name": draft.name,
            "language": draft.language,
            "subject": draft.text.subject,
            "body": draft.text.body,
            "kind": draft.text.kind,
            "starts_conversation": draft.starts_conversation,
            "based_on": draft.based_on,
            "most_segments": draft.most_segments,
        }
    wanted = second_eyes.Wanted(f"template_{what}", title, details)
    second_eyes.check(session, organisation_id, second_eyes.Kind.TEMPLATES, wanted)


def _checked(draft: Draft, taken: set[str]) -> Draft:
    """The draft as it is kept: without the spaces and line ends that only a form adds."""
    name = _checked_name(draft.name, taken)
    text = checked_text(draft.text, draft.language, draft.most_segments)
    return Draft(name, draft.language, text, draft.starts_conversation, draft.based_on, draft.most_segments)


def checked_text(given: TemplateText, its_language: str, most_segments: int) -> TemplateText:
    """The text as it is kept. ``UserError`` for what could not be sent, wherever it comes from."""
    language(its_language)
    subject, body = given.subject.strip(), given.body.replace("\r\n", "\n").strip() + "\n"
    if "\x00" in subject + body:
        raise UserError(_("The text holds a NUL character, which no mail can carry; remove it."))
    if len(subject) > _LONGEST_SUBJECT:
        raise UserError(
            _(
                "The subject is too long: at most %(longest_subject)s characters can be used.",
                longest_subject=_LONGEST_SUBJECT,
            )
        )
    if given.kind not in KINDS:
        raise UserError(_("A text is for one of %(kinds)s; choose one of them.", kinds=", ".join(KINDS)))
    text = TemplateText(subject if given.has_subject else "", body, given.kind)
    shortest = check(text, its_language)
    if text.kind == "sms":
        counted(shortest.text, most_segments)
    return text


def _checked_name(name: str, taken: set[str]) -> str:
    name = name.strip()
    if not name:
        raise UserError(_("The template has no name; give it one."))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise UserError(
            _(
                "The name must be one line of at most %(longest_name)s characters; shorten it.",
                longest_name=LONGEST_NAME,
            )
        )
    if name.casefold() in {one.casefold() for one in taken}:
        raise UserError(_("There is already a template called “%(name)s”; choose another name.", name=name))
    return name


def _check_not_overtaken(before: TemplateVersion | None, draft: Draft) -> None:
    newest = before.number if before else 0
    if draft.based_on is not None and draft.based_on != newest:
        raise Overtaken(
            _(
                "Somebody has changed this text since you opened it; it is version %(newest)s now. Save again to "
                "put yours in its place.",
                newest=newest,
            )
        )


def _add_version(session: Session, template: Template, draft: Draft, number: int, now: datetime) -> None:
    session.add(
        TemplateVersion(
            organisation_id=template.organisation_id,
            id=new_id(),
            template_id=template.id,
            language=draft.language,
            number=number,
            subject=draft.text.subject,
            body=draft.text.body,
            created_at=now,
        )
    )
    session.flush()


def _key(name: str, taken: set[str]) -> str:
    """What steps will call it: the words of its name, so that it can be read there too."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "_".join(_WORD.findall(plain))[:_LONGEST_KEY].strip("_") or "text"
    number, key = 1, words
    while key in taken:
        number += 1
        key = f"{words}_{number}"
    return key


def _joined(names: list[str]) -> str:
    quoted = [_("“%(name)s”", name=preset_name(name)) for name in names]
    several, last = ", ".join(quoted[:-1]), quoted[-1]
    return _("%(several)s and %(last)s", several=several, last=last) if several else last
