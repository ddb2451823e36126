"""What an answer could say: a short text for each meaning, in the customer's language, with the facts of the moment."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.stops import is_open
from kit.settings import ROOT
from services import liquid_text
from services.correspondence import Books, facts_of, reader_of
from services.languages import languages
from services.mail_facts import line_of
from services.merge_fields import fields, one_line, plain
from services.names import first_name
from services.understanding import Meaning
from store.asked import as_facts
from store.facts import policy_of
from store.models import Communication, Organisation
from store.people import people_of
from store.queries import letters
from store.queries import replies as queries
from store.queries.letters import Sender

_FOLDER = ROOT / "templates" / "answers"
_BLANK_LINES = re.compile(r"\n{4,}")


def draft(
    session: Session,
    organisation: Organisation,
    message: Communication,
    meaning: str,
    sender: Sender,
    now: datetime,
) -> str:
    """A text to begin an answer with, about the invoices of the message that are open, to whoever wrote it."""
    contact = letters.addressee(session, organisation.id, message.contact_id)
    if message.direction == "in":
        contact = replace(contact, first_name=_greeted(session, message))
    reader = reader_of(organisation, contact)
    language = reader.language if reader.language in languages() else reader.home
    about = queries.about(session, organisation.id, message.id)
    lines = tuple(line_of(one) for one in as_facts(session, organisation.id, about) if is_open(one))
    today = local_day(policy_of(organisation).window, now)
    facts = facts_of(organisation, sender, contact, lines, today, (), reader.locale(language), Books())
    reply = queries.one(session, organisation.id, message.id)
    told = reply is not None and bool(reply.details.get("on") or reply.details.get("reference"))
    rendered = liquid_text.render(_text(language, meaning), {**fields(facts), "payment_told": told})
    return _BLANK_LINES.sub("\n\n\n", plain(rendered)).strip()


def _greeted(session: Session, message: Communication) -> str | None:
    """The first name of who wrote it; None where nobody can tell it, as of a department.

    Who is known at that address has its known name. A stranger's is believed where the address says it as well, and one
    who types its name on a page gives it to be answered by it.
    """
    address, given = (message.from_email or "").lower(), one_line(message.from_name or "")
    everybody = people_of(session, message.organisation_id, [message.contact_id])[message.contact_id]
    known = next(
        (one.name for one in everybody if address and one.email and one.email.lower() == address), ""
    )
    words = given.casefold().split()
    own = message.channel == "page" or any(len(one) > 2 and one in address.partition("@")[0] for one in words)
    name = known or (given if own else "")
    return name.split()[0] if first_name(name) else None


@cache
def _text(language: str, meaning: str) -> str:
    known = meaning if meaning in set(Meaning) else Meaning.OTHER
    path = _FOLDER / language / f"{known}.liquid"
    return (path if path.exists() else _FOLDER / "en" / path.name).read_text(encoding="utf-8")
