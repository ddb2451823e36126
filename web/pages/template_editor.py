"""The editor of a text: what is typed is shown again whatever happens, with how it would look and what to think about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from services import preview
from services.compose import TemplateText, all_shipped
from services.field_guide import field_guide
from services.mail_facts import KINDS, has_subject
from services.preview import Preview
from services.templates import Draft
from services.tone import hints
from store.models import Organisation, Template, TemplateVersion
from store.queries import examples
from store.queries.letters import Text
from web.security import dunnock
from web.template_forms import TemplateForm

_NOTHING = TemplateText("", "")


@dataclass(frozen=True, slots=True)
class Editor:
    """One text in one language (``code``); without a template a new one."""

    organisation: Organisation
    template: Template | None
    code: str
    texts: Sequence[TemplateVersion] = ()
    used_by: Sequence[str] = ()
    new_kind: str = "email"
    """What a new template is for."""

    @property
    def kind(self) -> str:
        """The kind of steps that the text is for."""
        return self.template.kind if self.template else self.new_kind

    @property
    def version(self) -> int:
        """The number of the newest version in this language; 0 when there is none yet."""
        return next((one.number for one in self.texts if one.language == self.code), 0)

    def untouched(self, about: str) -> TemplateForm:
        """The form as it stands before anybody has touched it."""
        text = self._stored()
        return TemplateForm(
            formdata=None,
            name=self.template.name if self.template else "",
            subject=text.subject,
            body=text.body,
            starts_conversation=bool(self.template and self.template.starts_conversation),
            about=about,
        )

    def _stored(self) -> TemplateText:
        """The newest text in this language; where there is none, one to begin from."""
        by_language = {one.language: TemplateText(one.subject, one.body) for one in self.texts}
        begin = all_shipped(self.code).get(self.template.key, _NOTHING) if self.template else _NOTHING
        return by_language.get(self.code, begin)

    def draft(self, form: TemplateForm) -> Draft:
        """What is typed, to be kept."""
        return Draft(
            form.name.data or "",
            self.code,
            self._typed(form),
            bool(form.starts_conversation.data),
            form.based_on.data,
            dunnock().settings.text_segments,
        )

    def preview(self, session: Session, form: TemplateForm) -> Preview:
        """How what is typed would look. ``UserError`` when it could not be sent."""
        typed = self._typed(form)
        shown = preview.example(session, self.organisation, form.about.data or "")
        text = Text("", self.code, typed.subject, typed.body, bool(form.starts_conversation.data), self.kind)
        today = clock.today(self.organisation.timezone)
        return preview.preview(session, self.organisation, shown, text, today)

    def _typed(self, form: TemplateForm) -> TemplateText:
        return TemplateText(form.subject.data or "", (form.body.data or "").replace("\r\n", "\n"), self.kind)

    def page(self, form: TemplateForm, problem: str | None = None, done: str | None = None) -> str:
        """The whole page. ``problem``: why it was not kept or sent; ``done``: what has been done with it."""
        typed = self._typed(form)
        shown, unseen = None, None
        with dunnock().database.read(self.organisation.id) as session:
            try:
                shown = self.preview(session, form) if typed.body.strip() else None
            except UserError as error:
                unseen = str(error)
            suggestions = examples.suggestions(session, self.organisation.id)
        form.based_on.data = self.version
        form.based_on.raw_data = None
        return render_template(
            "pages/templates/edit.html",
            organisation=self.organisation,
            editor=self,
            form=form,
            problem=problem,
            done=done,
            shown=shown,
            unseen=unseen,
            kind=KINDS[self.kind],
            has_subject=has_subject(self.kind),
            most_segments=dunnock().settings.text_segments,
            hints=hints(typed, self.code),
            suggestions=suggestions,
            guide=field_guide(),
        )
