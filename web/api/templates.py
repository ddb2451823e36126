"""Templates: the texts that steps send, in all their languages and newest versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import abort
from msgspec import UNSET, convert
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import mail_facts, templates
from services.templates import Draft, InUse
from services.tone import hints
from store import models
from store.queries import templates as queries
from web.api import asked, asked_templates, shapes
from web.api.caller import Caller
from web.api.paging import after_id, cut
from web.api.shapes import Page


def list_templates(caller: Caller, session: Session, query: asked.Listing) -> Page[shapes.Template]:
    """All templates, each in its newest version, with its text in the organisation's language first."""
    rows = queries.templates(session, caller.organisation_id, after_id(query), query.limit)
    shown, following = cut(rows, query, lambda row: (row.id,))
    return Page(items=_told(caller, session, shown), next_cursor=following)


def show_template(
    caller: Caller, session: Session, id_: str, query: asked_templates.InLanguage
) -> shapes.Template:
    """One template. 404 when it has no text in the language that is asked for."""
    (shown,) = _told(caller, session, [_found(caller, session, id_)], query.language)
    if query.language and shown.language != query.language:
        abort(404, "This template has no text in that language; its texts are listed without it.")
    return shown


def create_template(caller: Caller, session: Session, body: asked_templates.WriteTemplate) -> shapes.Template:
    """Make a template. What could not be sent is refused, with the line of the mistake."""
    code = body.language or templates.home_of(caller.organisation(session))
    text = mail_facts.TemplateText(body.subject or "", body.body, body.kind)
    with _in_words():
        made = templates.create(
            session,
            caller.organisation_id,
            Draft(body.name, code, text, body.starts_conversation, most_segments=_most_segments(caller)),
            caller.now,
        )
    return _told(caller, session, [made], code)[0]


def change_template(
    caller: Caller, session: Session, id_: str, body: asked_templates.ChangeTemplate
) -> shapes.Template:
    """Change a template's text in one language. Mails that have not left yet are written with the new one."""
    template = _found(caller, session, id_)
    code = body.language or templates.home_of(caller.organisation(session))
    draft = Draft(
        template.name if body.name is UNSET else body.name,
        code,
        mail_facts.TemplateText(body.subject or "", body.body, template.kind),
        template.starts_conversation if body.starts_conversation is UNSET else body.starts_conversation,
        most_segments=_most_segments(caller),
    )
    with _in_words():
        templates.change(session, caller.organisation_id, template, draft, caller.now)
    return _told(caller, session, [template], code)[0]


def _most_segments(caller: Caller) -> int:
    return caller.app.settings.text_segments


def remove_template(caller: Caller, session: Session, id_: str) -> None:
    """Remove a template that no schedule uses. What is under way with it still goes on."""
    template = _found(caller, session, id_)
    try:
        templates.remove(session, caller.organisation_id, template, caller.now)
    except InUse as error:
        abort(409, str(error))


def _found(caller: Caller, session: Session, template_id: str) -> models.Template:
    found = queries.template(session, caller.organisation_id, template_id)
    return found or abort(404, "There is no such template.")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        abort(422, str(error))


def _told(
    caller: Caller, session: Session, rows: Sequence[models.Template], first: str | None = None
) -> list[shapes.Template]:
    """As the API tells them, with the text in the language ``first`` at the top, else the organisation's, else any."""
    texts = queries.texts(session, caller.organisation_id, [row.id for row in rows])
    used_by = queries.uses(session, caller.organisation_id)
    wanted = (first, templates.home_of(caller.organisation(session)))
    return [_shape(row, texts[row.id], wanted, used_by.get(row.key, [])) for row in rows]


def _shape(
    row: models.Template,
    texts: Sequence[models.TemplateVersion],
    wanted: Sequence[str | None],
    used_by: list[str],
) -> shapes.Template:
    by_language = {one.language: one for one in texts}
    top = next((by_language[code] for code in wanted if code in by_language), texts[0])
    return convert(
        {
            **_text(top),
            "id": row.id,
            "key": row.key,
            "kind": row.kind,
            "name": row.name,
            "starts_conversation": row.starts_conversation,
            "texts": [_text(one) for one in texts],
            "used_by": used_by,
        },
        shapes.Template,
        from_attributes=True,
    )


def _text(version: models.TemplateVersion) -> dict[str, object]:
    return {
        "language": version.language,
        "version": version.number,
        "subject": version.subject,
        "body": version.body,
        "hints": hints(mail_facts.TemplateText(version.subject, version.body), version.language),
    }
