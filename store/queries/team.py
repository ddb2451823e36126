"""The people of an organisation, and what hangs on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.models import (
    ApiToken,
    Contact,
    Dispute,
    Hold,
    Membership,
    Passkey,
    Password,
    Person,
    Reply,
    Sender,
    TeamTask,
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to an organisation. ``ways``: how they can sign in (xero, passkey, password)."""

    person_id: str
    name: str
    email: str
    role: str
    ways: tuple[str, ...]
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Owned:
    """What would be without an owner: how much of each kind."""

    customers: int
    tasks: int
    holds: int
    replies: int
    disputes: int

    @property
    def anything(self) -> bool:
        return bool(self.customers or self.tasks or self.holds or self.replies or self.disputes)


def members(session: Session, organisation_id: str) -> list[Member]:
    """Everybody, by name."""
    statement = (
        select(
            Person,
            Membership.role,
            exists().where(Passkey.person_id == Person.id),
            exists().where(Password.person_id == Person.id),
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(func.lower(Person.name), Person.id)
    )
    return [
        Member(
            person.id, person.name, person.email, role, _ways(person, passkey, password), person.last_seen_at
        )
        for person, role, passkey, password in session.execute(statement)
    ]


def _ways(person: Person, passkey: bool, password: bool) -> tuple[str, ...]:
    has = {"xero": person.subject is not None, "passkey": passkey, "password": password}
    return tuple(way for way, there in has.items() if there)


def membership(session: Session, organisation_id: str, person_id: str) -> Membership | None:
    return session.get(Membership, (organisation_id, person_id))


def count_owners(session: Session, organisation_id: str) -> int:
    owners = (Membership.organisation_id == organisation_id, Membership.role == "owner")
    return session.scalar(select(func.count()).select_from(Membership).where(*owners)) or 0


def tokens(session: Session, organisation_id: str) -> Sequence[ApiToken]:
    """Those in force, newest first."""
    mine = (ApiToken.organisation_id == organisation_id, ApiToken.revoked_at.is_(None))
    return session.scalars(
        select(ApiToken).where(*mine).order_by(ApiToken.created_at.desc(), ApiToken.id)
    ).all()


def token(session: Session, organisation_id: str, token_id: str) -> ApiToken | None:
    """One in force."""
    found = session.get(ApiToken, (organisation_id, token_id))
    return found if found is not None and found.revoked_at is None else None


_OWNED: tuple[tuple[str, InstrumentedAttribute[str | None], tuple[ColumnElement[bool], ...]], ...] = (
    ("customers", Contact.owner_id, ()),
    ("tasks", TeamTask.owner_id, (TeamTask.finished_at.is_(None),)),
    ("holds", Hold.owner_id, (Hold.released_at.is_(None),)),
    ("replies", Reply.owner_id, (Reply.settled_at.is_(None),)),
    ("disputes", Dispute.owner_id, (Dispute.settled_at.is_(None),)),
)
"""What one looks after; what is finished keeps the name of whoever did it."""


def owned(session: Session, organisation_id: str, person_id: str) -> Owned:
    """How much of each kind this person sees to."""
    return Owned(
        **{
            name: session.scalar(
                select(func.count())
                .select_from(column.class_)
                .where(column.class_.organisation_id == organisation_id, column == person_id, *still)
            )
            or 0
            for name, column, still in _OWNED
        }
    )


def hand_over(session: Session, organisation_id: str, person_id: str, to: str) -> list[str]:
    """Give all of it to a colleague; the customers among it, because mails to these leave as somebody else."""
    customers = session.scalars(
        select(Contact.id).where(Contact.organisation_id == organisation_id, Contact.owner_id == person_id)
    ).all()
    for _, column, still in _OWNED:
        table = column.class_
        session.connection().execute(
            update(table)
            .where(table.organisation_id == organisation_id, column == person_id, *still)
            .values(owner_id=to)
        )
    return list(customers)


def unname_senders(session: Session, organisation_id: str, person_id: str) -> None:
    """Senders that were this person's own are shared ones."""
    mine = (Sender.organisation_id == organisation_id, Sender.person_id == person_id)
    session.connection().execute(update(Sender).where(*mine).values(person_id=None))
