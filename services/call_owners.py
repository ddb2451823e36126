"""Whose a call is: the colleague to whom it was handed, else whoever looks after the customer.

A call that was handed over stays with that colleague until somebody was reached; then the next one is again for whoever
looks after the customer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from services import notice_text, notices
from store.models import Contact, Organisation
from store.queries import call_cases, customers, senders
from store.queries import notices as notice_queries
from store.queries.switches import organisation_to_change

MINE, ALL, NOBODYS = "mine", "all", "nobodys"


@dataclass(frozen=True, slots=True)
class CallOwner:
    """Who makes the calls to a customer. ``handed``: it was handed to them, beside who looks after the customer."""

    person_id: str
    name: str
    handed: bool


def owners(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, CallOwner]:
    """By contact, whose its calls are; who is missing there is nobody's. Two statements, however many they are."""
    names = {one.id: one.name for one in senders.colleagues(session, organisation_id)}
    found = {}
    for one in call_cases.handed_to(session, organisation_id, contact_ids):
        person_id = one.handed_to or one.owner_id
        if person_id:
            name = names.get(person_id, "")
            found[one.contact_id] = CallOwner(person_id, name, handed=one.handed_to is not None)
    return found


def is_shown(owner: CallOwner | None, whose: str, person_id: str | None) -> bool:
    """Whether a call with this owner belongs to what was asked for: ``person_id``'s own, nobody's, or all."""
    if whose == NOBODYS:
        return owner is None
    return whose != MINE or (owner is not None and owner.person_id == person_id)


def hand_over(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    to: str | None,
    *,
    by: str,
    by_id: str | None,
    home: str,
    now: datetime,
) -> Contact:
    """Give the calls to a customer to a colleague, who is told; None: to whoever looks after the customer.

    Within the caller's change, who rings for notices. ``UserError`` for who is no member.
    """
    organisation_to_change(session, organisation.id)
    contact = customers.contact(session, organisation.id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    reader = notice_queries.member(session, organisation.id, to) if to else None
    if to and reader is None:
        raise UserError(_("This person is not a member of this organisation; choose one who is."))
    if reader and to not in (contact.caller_id, by_id):
        subject, body = notice_text.call(organisation, reader, contact.id, contact.name, by, home)
        notices.tell(
            session,
            organisation.id,
            "call",
            reader,
            f"{contact.id} {now.isoformat()}",
            subject,
            body,
            now,
        )
    contact.caller_id = to
    session.flush()
    return contact


def made(session: Session, organisation_id: str, contact_id: str) -> None:
    """Somebody was reached and nobody is to call again: the next call is for whoever looks after the customer."""
    contact = customers.contact(session, organisation_id, contact_id)
    if contact is not None:
        contact.caller_id = None
