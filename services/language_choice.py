"""Choosing the language in which an organisation writes, and in which a contact is written to."""

from __future__ import annotations

from services.languages import language
from store.models import Contact, Organisation


def choose_language(whose: Organisation | Contact, code: str | None) -> None:
    """By its ISO 639 code; None: as the country says, and for a contact else the organisation.

    No decision depends on it, so nothing has to be looked at anew: it counts when a mail is written.
    ``UserError`` for a language in which no letter can be written.
    """
    if code:
        language(code)
    whose.language = code or None
