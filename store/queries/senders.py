"""The senders of an organisation, the colleagues behind them, and who looks after which customer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from store.models import Communication, Contact, Person, Sender
from store.queries import practices
from store.queries.batches import slices

_SENDERS = (
    select(Sender)
    .where(Sender.organisation_id == bindparam("organisation"))
    .order_by(Sender.is_default.desc(), Sender.name, Sender.id)
)
_OWNER = select(Contact.owner_id).where(
    Contact.organisation_id == bindparam("organisation"), Contact.id == bindparam("contact")
)
"""Built once, because every mail asks them."""


def senders(session: Session, organisation_id: str) -> Sequence[Sender]:
    """All of them, the default first."""
    return session.scalars(_SENDERS, {"organisation": organisation_id}).all()


def sender(session: Session, organisation_id: str, sender_id: str) -> Sender | None:
    return session.get(Sender, (organisation_id, sender_id))


def with_secrets(session: Session) -> Sequence[Sender]:
    """The senders of all organisations whose mailbox has a password."""
    return session.scalars(select(Sender).where(Sender.secret_cipher.is_not(None))).all()


def troubled(session: Session) -> Sequence[Sender]:
    """The senders of all organisations whose mails wait, or that were never found to be ready though default."""
    not_ready = (Sender.state == "failing") | (Sender.is_default & (Sender.state != "ready"))
    return session.scalars(select(Sender).where(not_ready).order_by(Sender.organisation_id, Sender.id)).all()


def sender_ids(session: Session, organisation_id: str) -> set[str]:
    return set(session.scalars(select(Sender.id).where(Sender.organisation_id == organisation_id)))


def owner_of(session: Session, organisation_id: str, contact_id: str) -> str | None:
    """The colleague who looks after a customer."""
    return session.scalars(_OWNER, {"organisation": organisation_id, "contact": contact_id}).one_or_none()


def owners_of(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, str]:
    """The same for many; customers whom nobody looks after are left out."""
    found: dict[str, str] = {}
    for ids in slices(sorted(contact_ids)):
        rows = session.execute(
            select(Contact.id, Contact.owner_id).where(
                Contact.organisation_id == organisation_id,
                Contact.id.in_(ids),
                Contact.owner_id.is_not(None),
            )
        )
        found.update((contact_id, owner_id) for contact_id, owner_id in rows if owner_id)
    return found


def colleagues(session: Session, organisation_id: str) -> list[Person]:
    """Who works in an organisation, as a member or by a practice, by name."""
    working = practices.working(organisation_id)
    statement = (
        select(Person).join(working, working.c.person_id == Person.id).order_by(Person.name, Person.id)
    )
    return list(session.scalars(statement))


def name_of(session: Session, person_id: str | None) -> str:
    """The name of a colleague; empty for nobody."""
    person = session.get(Person, person_id) if person_id else None
    return person.name if person else ""


def free_at(
    session: Session, organisation_id: str, sender_id: str, now: datetime, within: timedelta, most: int
) -> datetime | None:
    """When one more may be handed over as this sender, if no more than ``most`` may within so long; None: now."""
    statement = (
        select(Communication.handed_over_at)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.sender_id == sender_id,
            Communication.handed_over_at > now - within,
        )
        .order_by(Communication.handed_over_at.desc())
        .offset(most - 1)
        .limit(1)
    )
    last = session.scalars(statement).one_or_none()
    return last + within if last else None
