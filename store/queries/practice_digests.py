"""Who of a practice wants one weekly mail about all clients that they see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from store.models import Person, Practice, PracticeMember, WeeklyDigest
from store.queries import practices


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody of a practice who wants the mail, and from when on they get the next one."""

    practice_id: str
    practice: str
    person_id: str
    name: str
    email: str
    language: str | None
    from_on: date
    zone: str
    try_at: datetime | None


_READERS: Select[str, str, str, str, str, str | None, date | None, str | None, datetime | None] = (
    select(
        Practice.id,
        Practice.name,
        Person.id,
        Person.name,
        Person.email,
        Person.language,
        PracticeMember.digest_from,
        PracticeMember.digest_zone,
        PracticeMember.digest_try_at,
    )
    .select_from(PracticeMember)
    .join(Practice, Practice.id == PracticeMember.practice_id)
    .join(Person, Person.id == PracticeMember.person_id)
    .where(
        PracticeMember.ended_at.is_(None),
        PracticeMember.digest_from.is_not(None),
        PracticeMember.digest_zone.is_not(None),
    )
    .order_by(Practice.id, Person.id)
)


def readers(session: Session) -> list[Reader]:
    """Everybody who wants it and works for a practice."""
    return [Reader(*row) for row in session.execute(_READERS)]  # type: ignore[arg-type]  # both are known here


def reader(session: Session, practice_id: str, person_id: str) -> Reader | None:
    """One of them; None: they do not want it, or are gone."""
    row = session.execute(_READERS.where(Practice.id == practice_id, Person.id == person_id)).first()
    return Reader(*row) if row else None  # type: ignore[arg-type]  # both are known here


def place_to_change(session: Session, practice_id: str, person_id: str) -> PracticeMember | None:
    """Somebody's place in a practice, locked until our change is done; None: they are not there any more."""
    return session.scalars(
        select(PracticeMember)
        .where(
            PracticeMember.practice_id == practice_id,
            PracticeMember.person_id == person_id,
            PracticeMember.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()


def singles(session: Session, practice_id: str, person_id: str) -> list[str]:
    """The names of the clients whose own weekly digest this person gets."""
    theirs = [one for _, one in practices.clients(session, practice_id, person_id)]
    wanted = set(
        session.scalars(
            select(WeeklyDigest.organisation_id).where(
                WeeklyDigest.person_id == person_id,
                WeeklyDigest.organisation_id.in_([one.id for one in theirs]),
            )
        )
    )
    return [one.name for one in theirs if one.id in wanted]


def end_singles(session: Session, practice_id: str, person_id: str) -> None:
    """This person gets none of these any more."""
    theirs = [one.id for _, one in practices.clients(session, practice_id, person_id)]
    session.execute(
        delete(WeeklyDigest).where(
            WeeklyDigest.person_id == person_id, WeeklyDigest.organisation_id.in_(theirs)
        )
    )
