"""The forms of texts and languages. What a text must be, the services say in words; forms only read it."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from kit.wording import later
from services.languages import languages


class TemplateForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """A text in one language, and for whom it is shown meanwhile."""

    name = StringField(later("Name"))
    subject = StringField(later("Subject"))
    body = TextAreaField(later("Text"))
    starts_conversation = BooleanField(later("Begins a conversation of its own"))
    based_on = IntegerField(validators=[Optional()], widget=HiddenInput())
    about = StringField(later("Show it for"))


class LanguageForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """In which language somebody writes or is written to; nothing: as the country says."""

    language = SelectField(later("Language"), validate_choice=False)

    def __init__(self, *args: object, unset: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [("", unset), *((one.code, one.name) for one in languages().values())]
