"""What the API answers about the texts of messages."""

from __future__ import annotations

from typing import Literal

from web.api.fields import Id, Language
from web.api.shapes.base import Answer


class Hint(Answer, frozen=True):
    """Words of a text that threaten, blame or push, for whoever writes it to think about. ``line`` counts from 1."""

    place: Literal["subject", "body"]
    line: int
    words: str
    why: str


class TemplateText(Answer, frozen=True):
    """A template's text in one language, in its newest version."""

    language: Language
    version: int
    subject: str
    body: str
    hints: list[Hint]


class Template(TemplateText, frozen=True):
    """A named text; ``key`` is what steps call it. What stands at the top is one of its ``texts``, one a language.

    ``used_by``: the schedules that send it. ``starts_conversation``: its mails stand alone; others answer the
    organisation's earlier mail about the same invoices, under the subject of that one. ``kind``: what it is for.
    """

    id: Id
    key: str
    name: str
    kind: Literal[
        "email",
        "sms",
        "call",
        "letter",
        "thanks",
        "statement",
        "invoice",
        "confirmation",
        "campaign",
        "broken_promise",
        "promise_due",
        "dispute_resolved",
        "instalment_due",
    ]
    starts_conversation: bool
    texts: list[TemplateText]
    used_by: list[str]
