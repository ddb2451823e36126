"""What answers about the people of a contact hold."""

from __future__ import annotations

from web.api.fields import Id, Moment
from web.api.shapes import Answer, Contact


class Person(Answer, frozen=True):
    """Somebody at a contact. ``id``: of what was entered here, and null for who is in the ledger alone.

    ``waits_for_yes``: the address is new since the contact was first read, and nothing goes there until somebody
    says that it is right. ``gone_from_ledger``: entered of an address that the ledger has no more; it means nothing.
    """

    id: Id | None
    name: str
    email: str | None
    mobile: str | None
    roles: list[str]
    in_ledger: bool
    gets_ledger_mails: bool
    gone_from_ledger: bool
    waits_for_yes: bool
    instead_of: str | None
    changed_at: Moment | None
    confirmed_by: str | None


class People(Answer, frozen=True):
    """Everybody at a contact. ``reason``: to whom a reminder goes that names no role, and why."""

    people: list[Person]
    reason: str


class ContactInFull(Contact, frozen=True):
    """One customer with its people. ``phone``: the number to call, as it stands in the ledger."""

    phone: str | None
    mobile: str | None
    people: list[Person]
    reminders_go: str
