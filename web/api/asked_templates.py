"""What requests about texts and languages may carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from services.liquid_text import LONGEST_TEXT
from web.api.asked import Asked
from web.api.fields import SAYS_SOMETHING, Language, ShortText

Subject = Annotated[str, Meta(max_length=500, pattern=SAYS_SOMETHING)]
Body = Annotated[
    str, Meta(max_length=LONGEST_TEXT, pattern=SAYS_SOMETHING, description="With merge fields, in Liquid.")
]


TemplateKind = Literal["email", "sms", "call", "letter", "campaign"]


class InLanguage(Asked, frozen=True, kw_only=True):
    """Which of a template's texts to show first; without it, the one in the organisation's language."""

    language: Language | None = None


class WriteTemplate(Asked, frozen=True, kw_only=True):
    """A new template with its first text. Without ``language`` it is in the organisation's own.

    ``kind``: the steps that it is for; only mails and letters have a subject.
    """

    name: ShortText
    language: Language | None = None
    subject: Subject | None = None
    body: Body
    starts_conversation: bool = False
    kind: TemplateKind = "email"


class ChangeTemplate(Asked, frozen=True, kw_only=True):
    """The text in one language, kept as a new version of it. What else is left out stays as it is."""

    name: ShortText | UnsetType = UNSET
    language: Language | None = None
    subject: Subject | None = None
    body: Body
    starts_conversation: bool | UnsetType = UNSET


class ChooseLanguage(Asked, frozen=True, kw_only=True):
    """The language to write in; null: that of the country, and for a contact else the organisation's."""

    language: Language | None
