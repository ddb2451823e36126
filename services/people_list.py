"""Everybody at a customer, as pages and the API show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.no_mail import NoMail
from credit_control.people import Addressees, Role, addressees
from kit import clock
from services import absences, contact_wishes, stopped_addresses
from services.contacting import NO_RULES, KnownRules, known_rules
from services.people import addresses_of
from services.stopped_addresses import Shown
from store.facts import policy_of
from store.models import ChangedAddress, ChannelWish, Contact, ContactPerson, Organisation, PersonAway
from store.people import people_of, usable_address
from store.queries import people as queries
from store.queries import texts


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody at a customer. ``id`` is that of the entry made here; None: only the ledger knows this person."""

    id: str | None
    name: str
    email: str | None
    mobile: str | None
    roles: tuple[Role, ...]
    in_ledger: bool
    """The ledger has this address."""
    included: bool
    """The ledger writes to it itself."""
    gone: bool = False
    """It was entered of an address that the ledger had, and has no more: it means nothing."""
    asked: ChangedAddress | None = None
    """The address is new, and nobody has said yes to it."""
    confirmed: ChangedAddress | None = None
    """The address was new once, and somebody has said yes."""
    no_mail: NoMail | None = None
    """Why no mail goes to the address."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """The people of a customer, and to whom of them a reminder goes that says nothing else."""

    people: tuple[Known, ...]
    reminders: Addressees
    away: tuple[PersonAway, ...] = ()
    """Who is away, or has named a stand-in of whom nobody has said anything yet."""
    today: date | None = None
    """The organisation's day, by which they are away."""
    no_mail: tuple[Shown, ...] = ()
    """The addresses that no mail goes to."""
    wishes: tuple[ChannelWish, ...] = ()
    """How the customer likes to hear from us, and how not."""
    stopped: tuple[str, ...] = ()
    """Why no text message goes to numbers there: they said STOP, or none can reach them."""
    rules: KnownRules = NO_RULES
    """When and how often it may be contacted, as far as that is known of its country."""

    @property
    def asked(self) -> tuple[ChangedAddress, ...]:
        """The addresses that somebody must say yes to."""
        return tuple(one.asked for one in self.people if one.asked)


def everybody(session: Session, contact: Contact) -> Everybody:
    """Everybody at a customer: the ledger's people first, then those entered here."""
    entries = queries.entered(session, contact.organisation_id, contact.id)
    changes = {
        one.address: one for one in queries.changed_addresses(session, contact.organisation_id, contact.id)
    }
    found = people_of(session, contact.organisation_id, [contact.id])[contact.id]
    by_email = {one.email: one for one in entries if one.email}
    of_ledger = addresses_of(contact)
    shown: list[Known] = []
    for person in found:
        if person.email is None:
            if person.included:
                shown.append(Known(None, person.name or contact.name, None, person.mobile, (), True, True))
            continue
        key = person.email.lower()
        change, entry = changes.get(key), by_email.get(key)
        shown.append(
            Known(
                entry.id if entry else None,
                person.name,
                person.email,
                person.mobile,
                tuple(role for role in Role if role in person.roles),
                key in of_ledger,
                person.included,
                asked=change if change and not change.confirmed_at else None,
                confirmed=change if change and change.confirmed_at else None,
                no_mail=person.no_mail,
            )
        )
    seen = {one.id for one in shown}
    now = clock.now()
    organisation = session.get_one(Organisation, contact.organisation_id)
    return Everybody(
        (*shown, *_others(entries, seen, of_ledger)),
        addressees(found),
        tuple(absences.shown(session, contact, now)),
        local_day(policy_of(organisation).window, now),
        stopped_addresses.shown(session, contact, found),
        tuple(contact_wishes.wishes_of(session, contact.organisation_id, contact.id)),
        tuple(texts.stops_at(session, contact.organisation_id, contact.id)),
        known_rules(session, contact),
    )


def _others(
    entries: Sequence[ContactPerson], seen: set[str | None], of_ledger: frozenset[str]
) -> list[Known]:
    """Who has only a number, and who was entered of an address that the ledger has no more."""
    return [
        Known(
            one.id,
            one.name,
            one.email,
            one.mobile,
            tuple(Role(role) for role in one.roles),
            in_ledger=bool(usable_address(one.email)) and one.email in of_ledger,
            included=False,
            gone=one.of_ledger and one.email not in of_ledger,
        )
        for one in entries
        if one.id not in seen
    ]
