"""Practices: their people and clients, and what somebody may see because of the practice that they work for.

Nothing of this is copied into ``memberships``: whoever leaves, and whatever consent ends, is gone at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, Subquery, and_, delete, exists, func, or_, select, union_all
from sqlalchemy.orm import Session

from store.models import (
    Contact,
    Membership,
    Organisation,
    Person,
    Practice,
    PracticeClient,
    PracticeMember,
    PracticeMemberClient,
)

ADMIN, STAFF = "practice_admin", "practice_staff"
IN_CHARGE = ("owner", "manager")

_GIVEN = exists().where(
    PracticeMemberClient.organisation_id == PracticeClient.organisation_id,
    PracticeMemberClient.practice_id == PracticeMember.practice_id,
    PracticeMemberClient.person_id == PracticeMember.person_id,
)
_WORKS_FOR: tuple[ColumnElement[bool], ...] = (
    PracticeMember.practice_id == PracticeClient.practice_id,
    PracticeMember.ended_at.is_(None),
    PracticeClient.ended_at.is_(None),
    or_(PracticeMember.role == ADMIN, PracticeMember.all_clients, _GIVEN),
)
"""A person of the practice, and a client that they see: an admin all of them, others all or those they were given."""


def working(organisation_id: str) -> Subquery:
    """Everybody who works in this organisation, as a member or by a practice: organisation_id, person_id, role."""
    by_practice = (
        select(PracticeClient.organisation_id, PracticeMember.person_id, PracticeMember.role)
        .where(*_WORKS_FOR)
        .where(
            PracticeClient.organisation_id == organisation_id,
            ~exists().where(
                Membership.organisation_id == PracticeClient.organisation_id,
                Membership.person_id == PracticeMember.person_id,
            ),
        )
        .distinct()
    )
    own = select(Membership.organisation_id, Membership.person_id, Membership.role).where(
        Membership.organisation_id == organisation_id
    )
    return union_all(own, by_practice).subquery("working")


def evening_readers(organisation_id: str) -> Select[str]:
    """The ids of people of a practice who look after a customer here and want to be told in the evening."""
    return _evenings().where(PracticeClient.organisation_id == organisation_id)


def organisations_with_evening_readers() -> Select[str]:
    """The ids of the organisations in which there are such people."""
    return _evenings().with_only_columns(PracticeClient.organisation_id)


def _evenings() -> Select[str]:
    looks_after = exists().where(
        Contact.organisation_id == PracticeClient.organisation_id,
        Contact.owner_id == PracticeMember.person_id,
    )
    own = exists().where(
        Membership.organisation_id == PracticeClient.organisation_id,
        Membership.person_id == PracticeMember.person_id,
    )
    return (
        select(PracticeMember.person_id)
        .select_from(PracticeClient)
        .join(PracticeMember, and_(*_WORKS_FOR))
        .where(PracticeMember.evening_notice, looks_after, ~own)
    )


# -- what one person sees ------------------------------------------------------------------------------


def by_practice(
    session: Session, person_id: str, organisation_id: str
) -> tuple[Organisation, str, Practice] | None:
    """The organisation, the role and the practice by which this person works for it; None: by none."""
    statement = (
        select(Organisation, PracticeMember.role, Practice)
        .select_from(PracticeClient)
        .join(PracticeMember, and_(*_WORKS_FOR))
        .join(Practice, Practice.id == PracticeClient.practice_id)
        .join(Organisation, Organisation.id == PracticeClient.organisation_id)
        .where(PracticeMember.person_id == person_id, PracticeClient.organisation_id == organisation_id)
        .order_by(PracticeMember.role, Practice.created_at, Practice.id)
        .limit(1)
    )
    row = session.execute(statement).first()
    return (row[0], row[1], row[2]) if row else None


def roles_by_practice(session: Session, organisation_id: str) -> dict[tuple[str, str], str]:
    """The role of everybody who works for the organisation by a practice, by practice and person."""
    statement = (
        select(PracticeMember.practice_id, PracticeMember.person_id, PracticeMember.role)
        .join(PracticeClient, and_(*_WORKS_FOR))
        .where(PracticeClient.organisation_id == organisation_id)
    )
    return {(practice_id, person_id): role for practice_id, person_id, role in session.execute(statement)}


def practices_of(session: Session, person_id: str) -> Sequence[Practice]:
    """The practices that this person works for, by name."""
    return session.scalars(
        select(Practice)
        .join(PracticeMember, PracticeMember.practice_id == Practice.id)
        .where(PracticeMember.person_id == person_id, PracticeMember.ended_at.is_(None))
        .order_by(Practice.name, Practice.id)
    ).all()


def place(session: Session, person_id: str, practice_id: str) -> tuple[Practice, PracticeMember] | None:
    """The practice and the person's place in it; None for strangers and for whoever has left."""
    row = session.execute(
        select(Practice, PracticeMember)
        .join(PracticeMember, PracticeMember.practice_id == Practice.id)
        .where(
            Practice.id == practice_id,
            PracticeMember.person_id == person_id,
            PracticeMember.ended_at.is_(None),
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def clients(session: Session, practice_id: str, person_id: str) -> list[tuple[PracticeClient, Organisation]]:
    """The clients of the practice that this person sees, by name."""
    statement = (
        _clients(practice_id)
        .join(PracticeMember, and_(*_WORKS_FOR))
        .where(PracticeMember.person_id == person_id)
        .order_by(func.lower(Organisation.name), Organisation.id)
    )
    return [(client, organisation) for client, organisation in session.execute(statement)]


def client_zones(session: Session, practice_id: str, person_id: str) -> dict[str, str]:
    """The ids of these clients with their time zones."""
    statement = (
        _clients(practice_id)
        .join(PracticeMember, and_(*_WORKS_FOR))
        .where(PracticeMember.person_id == person_id)
        .with_only_columns(Organisation.id, Organisation.timezone)
    )
    return {organisation_id: zone for organisation_id, zone in session.execute(statement)}  # noqa: C416


def organisation_ids_by_practice(person_id: str) -> Select[str]:
    """The ids of all organisations that this person works for by a practice."""
    return (
        select(PracticeClient.organisation_id)
        .join(PracticeMember, and_(*_WORKS_FOR))
        .where(PracticeMember.person_id == person_id)
    )


# -- the practice itself -------------------------------------------------------------------------------


def practice(session: Session, practice_id: str) -> Practice | None:
    return session.get(Practice, practice_id)


def client(session: Session, practice_id: str, organisation_id: str) -> PracticeClient | None:
    """The consent in force of this client; None: there is none."""
    return session.scalars(
        select(PracticeClient).where(
            PracticeClient.practice_id == practice_id,
            PracticeClient.organisation_id == organisation_id,
            PracticeClient.ended_at.is_(None),
        )
    ).one_or_none()


def all_clients(session: Session, practice_id: str) -> list[tuple[PracticeClient, Organisation]]:
    """All clients of the practice, by name."""
    statement = _clients(practice_id).where(PracticeClient.ended_at.is_(None))
    ordered = statement.order_by(func.lower(Organisation.name), Organisation.id)
    return [(client, organisation) for client, organisation in session.execute(ordered)]


def staff(session: Session, practice_id: str) -> list[tuple[PracticeMember, Person]]:
    """Who works for the practice, admins first, then by name."""
    statement = (
        select(PracticeMember, Person)
        .join(Person, Person.id == PracticeMember.person_id)
        .where(PracticeMember.practice_id == practice_id, PracticeMember.ended_at.is_(None))
        .order_by(PracticeMember.role, func.lower(Person.name), Person.id)
    )
    return [(one, person) for one, person in session.execute(statement)]


def member(session: Session, practice_id: str, person_id: str) -> PracticeMember | None:
    """The row of somebody who works, or worked, for the practice; locked."""
    return session.get(PracticeMember, (practice_id, person_id), with_for_update=True)


def given(session: Session, practice_id: str) -> dict[str, set[str]]:
    """The ids of the clients that each person was given, by person."""
    found: dict[str, set[str]] = {}
    rows = session.execute(
        select(PracticeMemberClient.person_id, PracticeMemberClient.organisation_id).where(
            PracticeMemberClient.practice_id == practice_id
        )
    )
    for person_id, organisation_id in rows:
        found.setdefault(person_id, set()).add(organisation_id)
    return found


def give(session: Session, practice_id: str, person_id: str, organisation_ids: Collection[str]) -> None:
    """Have this person work for these clients and no others."""
    session.execute(
        delete(PracticeMemberClient).where(
            PracticeMemberClient.practice_id == practice_id, PracticeMemberClient.person_id == person_id
        )
    )
    for organisation_id in sorted(organisation_ids):
        session.add(
            PracticeMemberClient(
                organisation_id=organisation_id, practice_id=practice_id, person_id=person_id
            )
        )
    session.flush()


def take_from_all(session: Session, practice_id: str, organisation_id: str) -> None:
    """Nobody of the practice has been given this client any more."""
    session.execute(
        delete(PracticeMemberClient).where(
            PracticeMemberClient.practice_id == practice_id,
            PracticeMemberClient.organisation_id == organisation_id,
        )
    )


# -- the client's side ---------------------------------------------------------------------------------


def of_organisation(session: Session, organisation_id: str) -> list[tuple[PracticeClient, Practice]]:
    """Every practice that works, or worked, for the organisation, the newest consent first."""
    statement = (
        select(PracticeClient, Practice)
        .join(Practice, Practice.id == PracticeClient.practice_id)
        .where(PracticeClient.organisation_id == organisation_id)
        .order_by(PracticeClient.ended_at.is_not(None), PracticeClient.consent_at.desc(), PracticeClient.id)
    )
    return [(client, practice) for client, practice in session.execute(statement)]


def in_charge_of(session: Session, person_id: str) -> Sequence[Organisation]:
    """The organisations that this person owns or manages as a member, by name: they may consent for those."""
    return session.scalars(
        select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id, Membership.role.in_(IN_CHARGE))
        .order_by(func.lower(Organisation.name), Organisation.id)
    ).all()


def others_in_charge(session: Session, organisation_id: str, practice_id: str) -> bool:
    """Whether somebody owns or manages the organisation who does not work for the practice."""
    theirs = select(PracticeMember.person_id).where(PracticeMember.practice_id == practice_id)
    found = exists().where(
        Membership.organisation_id == organisation_id,
        Membership.role.in_(IN_CHARGE),
        Membership.person_id.not_in(theirs),
    )
    return bool(session.scalar(select(found)))


def remove_own_memberships(
    session: Session, organisation_id: str, practice_id: str, *, owners_stay: bool
) -> None:
    """Nobody of the practice is a member of the organisation any more, by whatever way they had come to be one.

    ``owners_stay``: whoever may not remove owners must not do so by ending a practice that they work for.
    """
    theirs = select(PracticeMember.person_id).where(PracticeMember.practice_id == practice_id)
    session.execute(
        delete(Membership)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.person_id.in_(theirs),
            *([Membership.role != "owner"] if owners_stay else []),
        )
        .execution_options(synchronize_session=False)
    )


def _clients(practice_id: str) -> Select[PracticeClient, Organisation]:
    return (
        select(PracticeClient, Organisation)
        .join(Organisation, Organisation.id == PracticeClient.organisation_id)
        .where(PracticeClient.practice_id == practice_id)
    )
