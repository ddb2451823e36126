"""One person of a customer, who asks for what is held of them, or wants it gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from store.models import Contact
from store.personal.table import Personal
from store.queries import erasures as queries
from store.queries import one_person
from store.queries.one_person import OnePerson

HOW_FOUND: Final = (
    "It is what names this person by address, number or whole name, and what was written by them or to them."
    " Where somebody put down a first name alone, it is not in here.\n"
)


class About:
    """What is held of one person, table by table."""

    def __init__(self, session: Session, contact: Contact, who: OnePerson) -> None:
        self.session, self.contact, self.who = session, contact, who
        self.written = one_person.messages_from(session, contact, who)
        self.received = one_person.messages_to(session, contact, who)

    def rows(self, table: Personal) -> list[Mapping[str, Any]]:
        """The rows of a table, the customer's own one with nothing but this person in it."""
        theirs = self.written | self.received
        found = one_person.rows_about(self.session, table, self.contact, self.who, theirs)
        if table.table == "contacts":
            return [one_person.only_theirs(row, self.who) for row in found]
        return [dict(row) for row in found]


def mark(organisation_id: str, who: OnePerson) -> str:
    """By which a page names somebody without saying their address."""
    return queries.mark(organisation_id, who.known_by)


def listed(session: Session, contact: Contact) -> list[tuple[str, OnePerson]]:
    """Everybody at a customer of whom something is held, each with their mark; of one who was erased nobody."""
    if contact.status == queries.ERASED:
        return []
    found = one_person.people_held(session, contact)
    return [(mark(contact.organisation_id, one), one) for one in found]


def known(session: Session, organisation_id: str, contact_id: str, asked: str) -> OnePerson:
    """Whom a mark stands for. ``UserError`` where there is no such customer, or nobody like that there."""
    contact = session.get(Contact, (organisation_id, contact_id))
    if contact is not None and contact.status != queries.ERASED:
        for one in one_person.people_held(session, contact):
            if mark(organisation_id, one) == asked:
                return one
    raise UserError(_("Nothing is held of this person any more."))


def stored(who: OnePerson) -> dict[str, Any]:
    """As an export keeps whom it is about."""
    return {"email": who.email, "mobile": who.mobile, "names": list(who.names)}


def read(kept: Mapping[str, Any]) -> OnePerson:
    """The same the other way round."""
    return OnePerson(kept.get("email"), kept.get("mobile"), tuple(kept.get("names") or ()))
