"""Notices to colleagues: who wants which, those that wait, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from store.models import InternalNotice, Membership, Organisation, Person
from store.queries import practices, senders
from store.queries.upsert import insert_new

_CHASES = (Organisation.connection == "connected", Organisation.chasing.in_(("dry_run", "live")))


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be told something."""

    person_id: str
    name: str
    email: str
    language: str | None = None
    """In which they read, as they have set it; None: they have not."""


def wanting_evenings(session: Session) -> list[tuple[str, str]]:
    """Organisations that chase and have somebody who wants to be told in the evening, with their time zones."""
    members = select(Membership.organisation_id).where(Membership.evening_notice)
    statement = (
        select(Organisation.id, Organisation.timezone)
        .where(
            *_CHASES,
            or_(
                Organisation.id.in_(members),
                Organisation.id.in_(practices.organisations_with_evening_readers()),
            ),
        )
        .order_by(Organisation.id)
    )
    return [(organisation_id, zone) for organisation_id, zone in session.execute(statement)]


def evening_readers(session: Session, organisation_id: str) -> list[Colleague]:
    """The members who want to be told in the evening, and people of a practice who look after a customer here."""
    by_practice = select(Person.id, Person.name, Person.email, Person.language).where(
        Person.id.in_(practices.evening_readers(organisation_id))
    )
    found = [Colleague(*row) for row in session.execute(by_practice.order_by(Person.id))]
    return _colleagues(session, organisation_id, Membership.evening_notice) + found


def in_charge(session: Session, organisation_id: str, roles: Collection[str]) -> list[Colleague]:
    """The members with one of these roles."""
    return _colleagues(session, organisation_id, Membership.role.in_(roles))


def member(session: Session, organisation_id: str, person_id: str) -> Colleague | None:
    """Somebody who works here, as a member or by a practice."""
    return next((one for one in members(session, organisation_id) if one.person_id == person_id), None)


def members(session: Session, organisation_id: str) -> list[Colleague]:
    """Everybody who works here, as a member or by a practice."""
    people = senders.colleagues(session, organisation_id)
    return [Colleague(one.id, one.name, one.email, one.language) for one in people]


def who_looks_after(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, Colleague]:
    """Who looks after each of these customers; those whom nobody does are left out."""
    owners = senders.owners_of(session, organisation_id, contact_ids)
    if not owners:
        return {}
    by_id = {one.person_id: one for one in members(session, organisation_id)}
    return {contact_id: by_id[key] for contact_id, key in owners.items() if key in by_id}


def _colleagues(session: Session, organisation_id: str, which: Any) -> list[Colleague]:
    statement = (
        select(Person.id, Person.name, Person.email, Person.language)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id, which)
        .order_by(Person.id)
    )
    return [Colleague(*row) for row in session.execute(statement)]


def known(session: Session, organisation_id: str, ids: Collection[str]) -> set[str]:
    """Those of these notices that there are."""
    statement = select(InternalNotice.id).where(
        InternalNotice.organisation_id == organisation_id, InternalNotice.id.in_(ids)
    )
    return set(session.scalars(statement))


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """New notices; one that is there already stays as it is."""
    if rows:
        session.connection().execute(insert_new(session, InternalNotice), list(rows))


def organisations_waiting(session: Session, now: datetime) -> list[str]:
    """Organisations with a notice that is to be sent now, or was left behind by a sender that ended."""
    statement = select(InternalNotice.organisation_id).where(
        InternalNotice.status.in_(("pending", "sending")), InternalNotice.next_try_at <= now
    )
    return list(session.scalars(statement.distinct()))


def waiting(session: Session, organisation_id: str, now: datetime) -> InternalNotice | None:
    """The next of these, locked."""
    statement = (
        select(InternalNotice)
        .where(
            InternalNotice.organisation_id == organisation_id,
            InternalNotice.status.in_(("pending", "sending")),
            InternalNotice.next_try_at <= now,
        )
        .order_by(InternalNotice.next_try_at, InternalNotice.id)
        .limit(1)
    )
    return session.scalars(statement.with_for_update(skip_locked=True)).one_or_none()


def settle(session: Session, organisation_id: str, notice_id: str, **values: Any) -> bool:
    """What became of a notice that was being sent; False when it is no longer."""
    result: CursorResult[Any] = session.connection().execute(
        update(InternalNotice)
        .where(
            InternalNotice.organisation_id == organisation_id,
            InternalNotice.id == notice_id,
            InternalNotice.status == "sending",
        )
        .values(**values)
    )
    return result.rowcount == 1
