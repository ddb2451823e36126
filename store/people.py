"""Rows to people: who there is at a customer, by the ledger and by what was entered here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, literal_column, select
from sqlalchemy.orm import Session

from credit_control.facts import Away, NewAddress
from credit_control.no_mail import NoMail
from credit_control.people import Person, Role
from store import models
from store.among import among
from store.queries.batches import slices

MOST_OF_LEDGER = 6
"""The ledger's own mails go to the contact and at most five further persons."""

_ADDRESS = re.compile(r'[^@\s<>()\[\],;:"\\\x00-\x1f\x7f]{1,64}@[^@\s<>()\[\],;:"\\\x00-\x1f\x7f]{1,189}')
_ORGANISATION: BindParameter[str] = bindparam("organisation")
_CONTACTS = "contacts"


class Entered(NamedTuple):
    """Somebody as entered here; ``name`` may be empty, ``of_ledger``: it tells more of an address that the ledger has."""

    name: str
    email: str | None
    mobile: str | None
    roles: Sequence[str]
    of_ledger: bool


_PERSON = models.ContactPerson
_ENTERED = (
    select(_PERSON.contact_id, _PERSON.name, _PERSON.email, _PERSON.mobile, _PERSON.roles, _PERSON.of_ledger)
    .where(
        _PERSON.organisation_id == _ORGANISATION,
        among(_PERSON.contact_id, _CONTACTS),
        literal_column("contact_people.removed_at IS NULL"),
    )
    .order_by(_PERSON.contact_id, _PERSON.entered_at, _PERSON.id)
)
_LEDGERS = select(
    models.Contact.id,
    models.Contact.first_name,
    models.Contact.last_name,
    models.Contact.email,
    models.Contact.persons,
    models.Contact.mobile,
).where(models.Contact.organisation_id == _ORGANISATION, among(models.Contact.id, _CONTACTS))


def usable_address(text: str | None) -> str | None:
    """The address without space around it; None for what no mail can go to."""
    stripped = (text or "").strip()
    return stripped if stripped.isprintable() and _ADDRESS.fullmatch(stripped) else None


def people_of(
    session: Session, organisation_id: str, contact_ids: Sequence[str]
) -> dict[str, tuple[Person, ...]]:
    """Everybody at each of these contacts, whom a message may go to: the ledger's first, then those entered here."""
    found: dict[str, tuple[Person, ...]] = {}
    for ids in slices(sorted(set(contact_ids))):
        entered = entered_people(session, organisation_id, ids)
        stopped = no_mail(session, organisation_id, ids)
        rows = session.execute(_LEDGERS, {"organisation": organisation_id, "contacts": ids})
        for contact_id, first, last, email, persons, mobile in rows:
            name = " ".join(part for part in (first, last) if part)
            there = merged(name, email, persons, mobile, entered.get(contact_id, ()))
            found[contact_id] = without_mail(there, stopped[contact_id]) if contact_id in stopped else there
    return found


_CHANGED = models.ChangedAddress
_UNCONFIRMED = (
    select(_CHANGED.contact_id, _CHANGED.address, _CHANGED.instead_of, _CHANGED.noticed_at)
    .where(
        _CHANGED.organisation_id == _ORGANISATION,
        among(_CHANGED.contact_id, _CONTACTS),
        literal_column("changed_addresses.confirmed_at IS NULL"),
    )
    .order_by(_CHANGED.contact_id, _CHANGED.address)
)


def unconfirmed(
    session: Session, organisation_id: str, contact_ids: Sequence[str]
) -> dict[str, list[NewAddress]]:
    """By contact, the addresses that somebody must say yes to."""
    found: dict[str, list[NewAddress]] = defaultdict(list)
    names = {"organisation": organisation_id, "contacts": contact_ids}
    for row in session.connection().execute(_UNCONFIRMED, names):
        found[row.contact_id].append(NewAddress(row.address, row.instead_of, row.noticed_at))
    return found


_AWAY = models.PersonAway
_ARE_AWAY = (
    select(_AWAY.contact_id, _AWAY.address, _AWAY.until)
    .where(
        _AWAY.organisation_id == _ORGANISATION,
        among(_AWAY.contact_id, _CONTACTS),
        literal_column("people_away.ended_at IS NULL"),
    )
    .order_by(_AWAY.contact_id, _AWAY.address)
)


def away(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, list[Away]]:
    """By contact, whose mailbox said that they are away, also for a time that is over."""
    found: dict[str, list[Away]] = defaultdict(list)
    names = {"organisation": organisation_id, "contacts": contact_ids}
    for row in session.connection().execute(_ARE_AWAY, names):
        found[row.contact_id].append(Away(row.address, row.until))
    return found


_STOPPED_AT = models.StoppedAddress
_STOPPED = select(_STOPPED_AT.contact_id, _STOPPED_AT.address, _STOPPED_AT.why, _STOPPED_AT.since).where(
    _STOPPED_AT.organisation_id == _ORGANISATION,
    among(_STOPPED_AT.contact_id, _CONTACTS),
    literal_column("stopped_addresses.lifted_at IS NULL"),
)


def no_mail(
    session: Session, organisation_id: str, contact_ids: Sequence[str]
) -> dict[str, dict[str, tuple[NoMail, date]]]:
    """By contact, the addresses (in small letters) that no mail goes to, each with why and since when."""
    found: dict[str, dict[str, tuple[NoMail, date]]] = {}
    names = {"organisation": organisation_id, "contacts": contact_ids}
    for row in session.connection().execute(_STOPPED, names):
        found.setdefault(row.contact_id, {})[row.address] = NoMail(row.why), row.since.date()
    return found


def without_mail(people: Sequence[Person], stopped: Mapping[str, tuple[NoMail, date]]) -> tuple[Person, ...]:
    """The same people, with why no mail goes to whose address is stopped."""
    return tuple(
        replace(one, no_mail=stopped[key][0], no_mail_since=stopped[key][1])
        if (key := (one.email or "").lower()) in stopped
        else one
        for one in people
    )


def entered_people(
    session: Session, organisation_id: str, contact_ids: Sequence[str]
) -> dict[str, list[Entered]]:
    """By contact, whom somebody entered here and nobody has removed."""
    found: dict[str, list[Entered]] = defaultdict(list)
    names = {"organisation": organisation_id, "contacts": contact_ids}
    for row in session.connection().execute(_ENTERED, names):
        found[row.contact_id].append(Entered(row.name, row.email, row.mobile, row.roles, row.of_ledger))
    return found


def merged(
    name: str,
    email: str | None,
    persons: Sequence[Mapping[str, Any]],
    mobile: str | None,
    entered: Sequence[Entered] = (),
) -> tuple[Person, ...]:
    """The contact itself, the ledger's persons and those entered here, each address once without regard to case.

    What was entered of an address that the ledger has adds to it; where it was entered of one that the ledger no
    longer has, it means nothing.
    """
    found: dict[str, Person] = {}
    address = usable_address(email)
    if address or mobile:
        found[(address or "").lower()] = Person(name, address, mobile, included=True)
    for person in persons:
        if address := usable_address(person.get("email")):
            parts = (person.get("first_name"), person.get("last_name"))
            one = Person(
                " ".join(part for part in parts if part),
                address,
                included=bool(person.get("include_in_emails")),
            )
            before = found.get(address.lower())
            if before is None or (one.included and not before.included):
                found[address.lower()] = one
    found = dict(list(found.items())[:MOST_OF_LEDGER])
    for number, own in enumerate(entered):
        key = (own.email or f"no address {number}").lower()
        known = found.get(key)
        if known is None and own.of_ledger:
            continue
        found[key] = Person(
            own.name or (known.name if known else ""),
            known.email if known else own.email,
            own.mobile or (known.mobile if known else None),
            frozenset(Role(role) for role in own.roles),
            bool(known and known.included),
        )
    return tuple(found.values())
