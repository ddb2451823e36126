"""When which organisation is deleted, and what becomes of its people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.audit import UNNOTED
from store.models import (
    Authorisation,
    Base,
    DeletedOrganisation,
    Deletion,
    InboxEvent,
    Membership,
    Organisation,
)
from store.queries.connection import DISCONNECTED

Conflict = IntegrityError
"""Something refers still to what was to be deleted."""

_OWN = ("authorisations", "passkeys", "passwords", "password_resets", "recovery_codes", "sign_ins")


def of(session: Session, organisation_id: str) -> Deletion | None:
    """The deletion that an organisation waits for."""
    return session.get(Deletion, organisation_id)


def locked(session: Session, organisation_id: str) -> Deletion | None:
    """The same, to be changed."""
    return session.get(Deletion, organisation_id, with_for_update=True)


def without_a_day(session: Session) -> list[str]:
    """Organisations that are disconnected, and of which nobody has noted when they are deleted."""
    noted = exists().where(Deletion.organisation_id == Organisation.id)
    return list(
        session.scalars(select(Organisation.id).where(Organisation.connection == DISCONNECTED, ~noted))
    )


def due(session: Session, now: datetime, told_before: datetime, tell_until: datetime) -> list[str]:
    """Organisations whose deletion goes on or begins, or whose owners are to be told of its day."""
    ready = and_(Deletion.due_at <= now, or_(Deletion.asked_by.is_not(None), Deletion.told_at <= told_before))
    untold = and_(Deletion.told_at.is_(None), Deletion.due_at <= tell_until)
    return list(
        session.scalars(
            select(Deletion.organisation_id).where(or_(Deletion.begun_at.is_not(None), ready, untold))
        )
    )


def cancel(session: Session, organisation_id: str) -> None:
    """It is not deleted after all."""
    session.execute(delete(Deletion).where(Deletion.organisation_id == organisation_id))


def members(session: Session, organisation_id: str) -> list[str]:
    """Ids of the people who are members."""
    return list(
        session.scalars(select(Membership.person_id).where(Membership.organisation_id == organisation_id))
    )


def forget_news(session: Session, ledger: str, tenant_id: str) -> None:
    """What the ledger told of this tenant."""
    session.execute(delete(InboxEvent).where(InboxEvent.source == ledger, InboxEvent.tenant == tenant_id))


def remember(
    session: Session, organisation_id: str, on: date, rows: int, trial_last_day: date | None
) -> None:
    """The one line that remains; of a second end on the same day it is the same line."""
    line = DeletedOrganisation(
        former_id=organisation_id, deleted_on=on, rows=rows, trial_last_day=trial_last_day
    )
    session.merge(line)


def remove_people(session: Session, person_ids: Collection[str]) -> int:
    """Delete those of these people whom nothing refers to any more, with their authorisations; how many."""
    gone = 0
    for person_id in sorted(person_ids):
        if _is_needed(session, person_id):
            continue
        for table in _of_people_alone():
            _delete(session, table, table.c.person_id == person_id)
        people = Base.metadata.tables["people"]
        _delete(session, people, people.c.id == person_id)
        gone += 1
    return gone


def _delete(session: Session, table: Table, which: ColumnElement[bool]) -> None:
    session.connection().execute(delete(table).where(which).execution_options(**{UNNOTED: True}))


def _is_needed(session: Session, person_id: str) -> bool:
    """Whether anything but what is theirs alone refers to this person."""
    used = select(Organisation.id).join(Authorisation, Authorisation.id == Organisation.authorisation_id)
    if session.scalar(used.where(Authorisation.person_id == person_id).limit(1)) is not None:
        return True
    for table in Base.metadata.sorted_tables:
        if table in _of_people_alone():
            continue
        for column in table.columns:
            if any(key.target_fullname == "people.id" for key in column.foreign_keys) and (
                session.execute(select(column).where(column == person_id).limit(1)).first() is not None
            ):
                return True
    return False


def _of_people_alone() -> Sequence[Table]:
    """Tables whose rows go with the person to whom they belong."""
    return [Base.metadata.tables[name] for name in _OWN]
