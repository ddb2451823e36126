"""In which language a colleague is written to: as they have set it, else as the organisation writes, else English.

What they read on pages without a setting is what their browser asks for, which no mail knows of.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from sqlalchemy.orm import Session

from kit.wording import ENGLISH, LANGUAGES, worded_in
from services.languages import home_language
from services.said_again import again
from store.models import Organisation, Person
from store.queries.notices import Colleague

P = ParamSpec("P")
Words = tuple[str, str]
"""Subject and text."""


def read_by(own: str | None, organisation: Organisation | None) -> str:
    """The language (``LANGUAGES``) of a mail to whoever has set ``own``, from this organisation or from nobody's."""
    home = home_language(organisation.language, organisation.country) if organisation else ENGLISH
    return own or (home if home in LANGUAGES else ENGLISH)


def person_reads(
    session: Session, person_id: str | None, organisation_id: str | None, otherwise: str | None = None
) -> str:
    """The language of a mail to this person; ``otherwise`` counts before that of the organisation."""
    person = session.get(Person, person_id) if person_id else None
    organisation = session.get(Organisation, organisation_id) if organisation_id else None
    return read_by(person.language if person and person.language else otherwise, organisation)


def to_colleagues(
    says: Callable[Concatenate[Organisation, Colleague, P], Words],
) -> Callable[Concatenate[Organisation, Colleague, P], Words]:
    """Has the words of a mail said in its reader's language."""

    @wraps(says)
    def said(organisation: Organisation, reader: Colleague, /, *args: P.args, **kwargs: P.kwargs) -> Words:
        with worded_in(read_by(reader.language, organisation), on_pages=True):
            return says(organisation, reader, *args, **kwargs)

    return said


def kept(text: str) -> str:
    """A sentence that was kept in English, as the reader has it; in English, too, with amounts as pages write them."""
    return again(text)
