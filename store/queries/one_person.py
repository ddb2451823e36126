"""What is held of one person of a customer: who there is, and which rows are about them.

A row is about somebody where it says their address, their number or their whole name, or belongs to a message that
came from them or went to them. A first name alone is nobody's: it may be a colleague's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session
from sqlalchemy.types import LargeBinary

from store.models import Communication, Contact, ContactPerson
from store.people import people_of
from store.personal.table import Personal
from store.queries import erasures, held_of

_BEFORE, _AFTER = r"(?<![\w.+\-])", r"(?![\w\-]|\.\w)"


@dataclass(frozen=True, slots=True)
class OnePerson:
    """Somebody at a customer, by all that they are known by there."""

    email: str | None
    mobile: str | None
    names: tuple[str, ...] = ()
    """The first is how one speaks of them."""

    @property
    def shown(self) -> str:
        """The name, or else by what they are reached."""
        return next(iter(self.names), "") or self.known_by

    @property
    def known_by(self) -> str:
        """What tells them from the customer's others."""
        return self.email or self.mobile or ""

    @property
    def words(self) -> tuple[str, ...]:
        """By which what is about them is found."""
        whole = [name for name in self.names if len(name.split()) > 1]
        return tuple(one for one in (self.email, self.mobile, *whole) if one)


@dataclass
class _Found:
    """Who there is, as they are found in one place after the other."""

    by_address: dict[str, OnePerson] = field(default_factory=dict)

    def add(self, email: str | None, mobile: str | None, name: str | None) -> None:
        address = (email or "").strip().lower()
        key = address or (mobile or "")
        if not key:
            return
        before = self.by_address.get(key, OnePerson(address or None, None))
        names = tuple(dict.fromkeys((*before.names, *([" ".join(name.split())] if name else []))))
        self.by_address[key] = OnePerson(before.email, before.mobile or mobile, names)


def people_held(session: Session, contact: Contact) -> list[OnePerson]:
    """Everybody of whom something is held at a customer, also who was removed or only wrote once; no colleague of ours."""
    found = _Found()
    for one in people_of(session, contact.organisation_id, [contact.id]).get(contact.id, ()):
        found.add(one.email, one.mobile, one.name)
    entered = select(ContactPerson).where(
        ContactPerson.organisation_id == contact.organisation_id, ContactPerson.contact_id == contact.id
    )
    for row in session.scalars(entered.order_by(ContactPerson.entered_at, ContactPerson.id)):
        found.add(row.email, row.mobile, row.name)
    wrote = select(Communication.from_email, Communication.from_name).where(
        Communication.organisation_id == contact.organisation_id,
        Communication.contact_id == contact.id,
        Communication.direction == "in",
        Communication.channel == "email",
    )
    for email, name in session.execute(
        wrote.distinct().order_by(Communication.from_email, Communication.from_name)
    ):
        found.add(email, None, name)
    to = select(Communication.to, Communication.cc).where(
        Communication.organisation_id == contact.organisation_id,
        Communication.contact_id == contact.id,
        Communication.direction == "out",
        Communication.channel == "email",
    )
    for addresses in session.execute(to):
        for one in (*addresses.to, *addresses.cc):
            found.add(one, None, None)
    ours = erasures.our_own(session, contact.organisation_id)
    return [one for key, one in sorted(found.by_address.items()) if key not in ours]


def rows_about(
    session: Session, of_: Personal, contact: Contact, who: OnePerson, theirs: Collection[str]
) -> list[RowMapping]:
    """The rows of a table that are about somebody; ``theirs`` are the messages from and to them. Without files."""
    names = [column.name for column in of_.rows.columns if not isinstance(column.type, LargeBinary)]
    said = pattern(who)
    return [
        row
        for row in held_of.rows(session, of_, contact.organisation_id, contact.id, names)
        if row.get("communication_id") in theirs
        or (of_.table == "communications" and row["id"] in theirs)
        or any(_says(said, value) for value in row.values())
    ]


def messages_from(session: Session, contact: Contact, who: OnePerson) -> set[str]:
    """The ids of the messages that they wrote."""
    wrote = _messages(contact, "in").add_columns(Communication.from_email)
    return {
        row.id
        for row in session.execute(wrote)
        if who.known_by and (row.from_email or "").lower() in _reached(who)
    }


def messages_to(session: Session, contact: Contact, who: OnePerson) -> set[str]:
    """The ids of the messages that went to them."""
    went = _messages(contact, "out").add_columns(Communication.to, Communication.cc, Communication.text_to)
    return {
        row.id
        for row in session.execute(went)
        if _reached(who) & {one.lower() for one in [*row.to, *row.cc, row.text_to or ""]}
    }


def pattern(who: OnePerson) -> re.Pattern[str]:
    """What is looked for: each of the words by itself, and no part of a longer word or address."""
    words = sorted(who.words, key=len, reverse=True)
    return re.compile(f"{_BEFORE}(?:{'|'.join(map(re.escape, words))}){_AFTER}", re.IGNORECASE)


def only_theirs(row: RowMapping, who: OnePerson) -> dict[str, Any]:
    """Of the customer's own row what is about this person: none of its others, and not what is the customer's own."""
    own = (row["email"] or "").strip().lower() == who.email
    persons = [one for one in row["persons"] if (one.get("email") or "").strip().lower() == who.email]
    theirs = {"id", "name", "ledger_id"} | (
        {"first_name", "last_name", "email", "mobile", "phone"} if own else set()
    )
    return {name: row[name] if name in theirs else None for name in row} | {"persons": persons}


def _messages(contact: Contact, direction: str) -> Any:
    return select(Communication.id).where(
        Communication.organisation_id == contact.organisation_id,
        Communication.contact_id == contact.id,
        Communication.direction == direction,
    )


def _reached(who: OnePerson) -> set[str]:
    return {one.lower() for one in (who.email, who.mobile) if one}


def _says(said: re.Pattern[str], value: Any) -> bool:
    if isinstance(value, str):
        return said.search(value) is not None
    if isinstance(value, Mapping):
        return any(_says(said, one) for one in value.values())
    return isinstance(value, list) and any(_says(said, one) for one in value)
