"""Changes that wait for a second person's yes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from store.models import AskedChange, Organisation
from store.queries import practices


def switched_on(session: Session, organisation_id: str) -> frozenset[str]:
    """For what the organisation wants a second pair of eyes."""
    found = session.scalar(select(Organisation.second_eyes).where(Organisation.id == organisation_id))
    return frozenset(found or ())


def add(session: Session, change: AskedChange) -> None:
    """Store what somebody has asked for."""
    session.add(change)
    session.flush()


def one(session: Session, organisation_id: str, change_id: str, *, lock: bool = False) -> AskedChange | None:
    """A change that was asked for, whatever became of it."""
    found = select(AskedChange).where(
        AskedChange.organisation_id == organisation_id, AskedChange.id == change_id
    )
    return session.scalars(found.with_for_update() if lock else found).one_or_none()


def waiting(session: Session, organisation_id: str, now: datetime, most: int) -> Sequence[AskedChange]:
    """What waits, the oldest first."""
    found = _open().where(AskedChange.organisation_id == organisation_id, AskedChange.expires_at > now)
    return session.scalars(found.order_by(AskedChange.asked_at, AskedChange.id).limit(most)).all()


def decided(session: Session, organisation_id: str, most: int) -> Sequence[AskedChange]:
    """What was decided last."""
    found = select(AskedChange).where(
        AskedChange.organisation_id == organisation_id, AskedChange.outcome.is_not(None)
    )
    return session.scalars(found.order_by(AskedChange.decided_at.desc(), AskedChange.id).limit(most)).all()


def expired(session: Session, now: datetime) -> list[tuple[str, str]]:
    """The organisations and ids of what nobody has decided in time."""
    return [
        (one.organisation_id, one.id) for one in session.scalars(_open().where(AskedChange.expires_at <= now))
    ]


def organisations_agreed(session: Session, now: datetime) -> list[str]:
    """Where something was agreed to that nobody has carried out by its time."""
    found = select(AskedChange.organisation_id).where(AskedChange.next_try_at <= now)
    return list(session.scalars(found.distinct().order_by(AskedChange.organisation_id)))


def agreed(session: Session, organisation_id: str, now: datetime) -> AskedChange | None:
    """The oldest of those, locked."""
    found = select(AskedChange).where(
        AskedChange.organisation_id == organisation_id, AskedChange.next_try_at <= now
    )
    return session.scalars(found.order_by(AskedChange.decided_at).limit(1).with_for_update()).one_or_none()


def members_with(session: Session, organisation_id: str, roles: Sequence[str]) -> list[str]:
    """Who works here in one of these roles, by their ids; people of the organisation itself before those of a practice."""
    here = practices.working(organisation_id)
    found = select(here.c.person_id).where(here.c.role.in_(roles))
    by_practice = here.c.role.in_((practices.ADMIN, practices.STAFF))
    return list(session.scalars(found.order_by(by_practice, here.c.role.desc(), here.c.person_id)))


def own_members_with(session: Session, organisation_id: str, roles: Sequence[str]) -> list[str]:
    """The same without those who work here for a practice."""
    here = practices.working(organisation_id)
    wanted = [one for one in roles if one not in (practices.ADMIN, practices.STAFF)]
    return list(
        session.scalars(
            select(here.c.person_id).where(here.c.role.in_(wanted)).order_by(here.c.role, here.c.person_id)
        )
    )


def practice_may_agree(session: Session, organisation_id: str) -> bool:
    """Whether its owner lets two people of a practice agree with each other."""
    return bool(
        session.scalar(select(Organisation.practice_agrees).where(Organisation.id == organisation_id))
    )


def _open() -> Select[AskedChange]:
    return select(AskedChange).where(AskedChange.outcome.is_(None))
