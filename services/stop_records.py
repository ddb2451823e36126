"""What is told of an address that no mail goes to, or goes to again: on the timeline, and once in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.people import Person, Role, addressees
from kit.wording import N_
from services import records
from store.models import Contact, StoppedAddress
from store.people import people_of

STOPPED, AGAIN = "no_mail", "mail_again"
"""The kinds of the records."""


def record(session: Session, row: StoppedAddress, kind: str, text: str, by: str, now: datetime) -> None:
    """On the timeline, and once in the ledger, where others read: the role, and never the address."""
    role, _unused, _unused2 = instead_of(people_at(session, row.organisation_id, row.contact_id), row.address)
    name = session.get_one(Contact, (row.organisation_id, row.contact_id)).name
    whom = role.value if role else N_(f"an address of {name}")
    records.record(
        session, row.organisation_id, row.contact_id, [], channel="note", kind=kind, text=text, by=by, now=now, to=whom
    )  # fmt: skip


def instead_of(there: Sequence[Person], address: str) -> tuple[Role | None, Person | None, bool]:
    """What whoever has this address is written to as, who could be instead, and whether somebody else is anyway."""
    person = next((one for one in there if (one.email or "").lower() == address), None)
    if person is None:
        return None, None, False
    role = next((one for one in Role if one in person.roles), Role.PAYABLES if person.included else None)
    if role is None:
        return None, None, False
    found = addressees(there, role)
    return role, found.instead, bool(found.to)


def people_at(session: Session, organisation_id: str, contact_id: str) -> tuple[Person, ...]:
    """Everybody at a customer."""
    return people_of(session, organisation_id, [contact_id]).get(contact_id, ())
