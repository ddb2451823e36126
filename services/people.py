"""The people of a customer: who is entered with which role, and the word that a changed address is right.

What the ledger says of its persons stays the ledger's; here stands what it does not know. All functions work
inside the caller's transaction; after the commit the caller rings for planning.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from credit_control.people import Role
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.phones import mobile as mobile_number
from kit.wording import _
from services import carried_stops
from store.models import Contact, ContactPerson, Organisation
from store.people import usable_address
from store.queries import erasures, planning, sending
from store.queries import people as queries

MOST_PEOPLE = 20
LONGEST_NAME = 100
LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody as a person types them in. An empty name is the ledger's, where the ledger has the address."""

    name: str = ""
    email: str = ""
    mobile: str = ""
    roles: tuple[Role, ...] = ()


def add(session: Session, organisation_id: str, contact_id: str, entry: Entry, by: str) -> ContactPerson:
    """Enter somebody. ``UserError`` when there is nothing to reach them by, or they are entered already."""
    contact = _contact(session, organisation_id, contact_id)
    there = queries.entered(session, organisation_id, contact_id)
    if len(there) >= MOST_PEOPLE:
        raise UserError(
            _(
                "A customer has at most %(most_people)s people entered here; remove somebody first.",
                most_people=MOST_PEOPLE,
            )
        )
    row = ContactPerson(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        entered_by=by,
        entered_at=clock.now(),
    )
    _fill(session, contact, row, entry, there)
    session.add(row)
    return _done(session, row)


def change(
    session: Session, organisation_id: str, person_id: str, entry: Entry, by: str
) -> ContactPerson | None:
    """Enter somebody anew; None when nobody of this id is entered. ``UserError`` as when adding."""
    row = queries.one(session, organisation_id, person_id)
    if row is None:
        return None
    contact = _contact(session, organisation_id, row.contact_id)
    there = [one for one in queries.entered(session, organisation_id, row.contact_id) if one.id != row.id]
    _fill(session, contact, row, entry, there)
    row.entered_by, row.entered_at = by, clock.now()
    return _done(session, row)


def remove(session: Session, organisation_id: str, person_id: str, by: str) -> bool:
    """Take somebody out again; False when nobody of this id is entered. The ledger's own persons stay."""
    row = queries.one(session, organisation_id, person_id)
    if row is None:
        return False
    sending.lock_organisation(session, organisation_id)
    row.removed_by, row.removed_at = by, clock.now()
    planning.look_again(session, organisation_id, [row.contact_id], clock.now())
    return True


def confirm_address(session: Session, organisation_id: str, contact_id: str, address: str, by: str) -> bool:
    """Say yes to an address that changed; False when none of this customer waits for it.

    Who had a role under the address that went keeps it under the new one.
    """
    sending.lock_organisation(session, organisation_id)
    now = clock.now()
    changed = queries.confirm(session, organisation_id, contact_id, address.strip().lower(), by, now)
    if changed is None:
        return False
    contact = session.get_one(Contact, (organisation_id, contact_id))
    if changed.instead_of and changed.instead_of not in addresses_of(contact):
        queries.move_roles(session, organisation_id, contact_id, changed.instead_of, changed.address)
    planning.look_again(session, organisation_id, [contact_id], now)
    return True


def addresses_of(contact: Contact) -> frozenset[str]:
    """Every usable address that the ledger has of a contact and its persons, in small letters."""
    return ledger_addresses(contact.email, contact.persons)


def ledger_addresses(email: str | None, persons: Collection[dict[str, object]]) -> frozenset[str]:
    """The same of a contact's fields."""
    given = (email, *(str(person.get("email") or "") for person in persons))
    return frozenset(found.lower() for one in given if (found := usable_address(one)))


def _contact(session: Session, organisation_id: str, contact_id: str) -> Contact:
    sending.lock_organisation(session, organisation_id)
    contact = session.get(Contact, (organisation_id, contact_id))
    if contact is None:
        raise UserError(_("There is no such customer."))
    return contact


def _fill(
    session: Session, contact: Contact, row: ContactPerson, entry: Entry, others: Collection[ContactPerson]
) -> None:
    """Check what was typed and take it over."""
    email = entry.email.strip()
    if email and (len(email) > LONGEST_ADDRESS or usable_address(email) is None):
        raise UserError(_("The e-mail address is none that mail can go to; write it as name@example.com."))
    email = email.lower()
    number = _mobile(session, contact, entry.mobile.strip())
    if not email and not number:
        raise UserError(_("Give an e-mail address or a mobile number, so that this person can be reached."))
    if email and email in {one.email for one in others}:
        raise UserError(_("Somebody with this e-mail address is entered already; change that entry."))
    if not entry.name.strip() and email not in addresses_of(contact):
        raise UserError(_("Give this person's name."))
    row.name = " ".join(entry.name.split())[:LONGEST_NAME]
    row.email, row.mobile = email or None, number
    row.roles = [role.value for role in Role if role in entry.roles]
    row.of_ledger = email in addresses_of(contact)


def _mobile(session: Session, contact: Contact, typed: str) -> str | None:
    if not typed:
        return None
    home = session.get_one(Organisation, contact.organisation_id).country
    number = mobile_number(typed, contact.country or home or None)
    if number is None:
        raise UserError(_("This is no mobile number; write it with its country, such as +44 7400 123456."))
    return number


def _done(session: Session, row: ContactPerson) -> ContactPerson:
    """To give a role to an address of the ledger that waits for a yes is no yes: that is asked for in so many words."""
    session.flush()
    now = clock.now()
    if row.email:
        erasures.person_is_back(session, row.organisation_id, row.contact_id, row.email)
    carried_stops.carry(session, row.organisation_id, [row.contact_id], now)
    planning.look_again(session, row.organisation_id, [row.contact_id], now)
    return row
