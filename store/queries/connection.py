"""People, their authorisations, and the organisations connected by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Update, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.models import Authorisation, Base, Organisation, Person

CONNECTED = "connected"
NEEDS_RECONNECT = "needs_reconnect"
DISCONNECTED = "disconnected"


def person_by_subject(session: Session, subject: str) -> Person | None:
    return session.scalars(select(Person).where(Person.subject == subject)).one_or_none()


def person(session: Session, person_id: str) -> Person | None:
    return session.get(Person, person_id)


def by_email(session: Session, email: str) -> Person | None:
    """Somebody who is told by this address; of several the one who came last."""
    same = func.lower(Person.email) == email.strip().lower()
    return session.scalars(
        select(Person).where(same).order_by(Person.created_at.desc(), Person.id).limit(1)
    ).first()


def sign_out(session: Session, person_id: str, now: datetime) -> None:
    """Sessions that this person began before are over."""
    session.execute(update(Person).where(Person.id == person_id).values(signed_out_at=now))


def authorisation(session: Session, authorisation_id: str) -> Authorisation | None:
    return session.get(Authorisation, authorisation_id)


def authorisation_of(session: Session, person_id: str) -> Authorisation | None:
    return session.scalars(select(Authorisation).where(Authorisation.person_id == person_id)).one_or_none()


def person_of(session: Session, authorisation_id: str) -> Person | None:
    """Whose authorisation it is."""
    theirs = select(Person).join(Authorisation, Authorisation.person_id == Person.id)
    return session.scalars(theirs.where(Authorisation.id == authorisation_id)).one_or_none()


def replace_authorisation(session: Session, person_id: str, values: dict[str, Any]) -> None:
    """Put a new token set in the place of the person's old one, whoever may be renewing that."""
    theirs = update(Authorisation).where(Authorisation.person_id == person_id)
    _changed(session, theirs.values(version=Authorisation.version + 1, **values))


def take_lease(
    session: Session, authorisation_id: str, version: int, holder: str, now: datetime, seconds: float
) -> bool:
    """Become the one who renews this token set. False while somebody else does, or when it was renewed."""
    free = or_(Authorisation.lease_holder.is_(None), Authorisation.lease_until <= now)
    values = {"lease_holder": holder, "lease_until": now + timedelta(seconds=seconds)}
    return _changed(session, _this_version(authorisation_id, version).where(free).values(values))


def release_lease(session: Session, authorisation_id: str, holder: str) -> None:
    """Let others renew it, if the holder still has the lease."""
    ours = and_(Authorisation.id == authorisation_id, Authorisation.lease_holder == holder)
    _changed(session, update(Authorisation).where(ours).values(lease_holder=None, lease_until=None))


def replace_tokens(
    session: Session, authorisation_id: str, version: int, holder: str, values: dict[str, Any]
) -> bool:
    """Store a renewed token set and give the lease back. False, changing nothing, when the lease was lost."""
    ours = _this_version(authorisation_id, version).where(Authorisation.lease_holder == holder)
    return _changed(session, ours.values(version=version + 1, lease_holder=None, lease_until=None, **values))


def lose_authorisation(session: Session, authorisation_id: str, version: int, note: str) -> bool:
    """This token set is dead, and what it connects needs a person. False when it was renewed meanwhile."""
    values = {"state": NEEDS_RECONNECT, "note": note, "lease_holder": None, "lease_until": None}
    if not _changed(session, _this_version(authorisation_id, version).values(values)):
        return False
    theirs = and_(Organisation.authorisation_id == authorisation_id, Organisation.connection == CONNECTED)
    lost = {"connection": NEEDS_RECONNECT, "connection_note": note}
    _changed(session, update(Organisation).where(theirs).values(lost))
    return True


def organisation(session: Session, organisation_id: str) -> Organisation | None:
    return session.get(Organisation, organisation_id)


def organisations_of(session: Session, authorisation_id: str) -> Sequence[Organisation]:
    """The organisations that this authorisation connects or connected."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.authorisation_id == authorisation_id)
        .order_by(Organisation.id)
    ).all()


def organisations_by_tenant(
    session: Session, ledger: str, tenant_ids: Sequence[str]
) -> dict[str, Organisation]:
    """Those of the ledger's tenants that are organisations here, by tenant."""
    rows = session.scalars(
        select(Organisation).where(
            Organisation.ledger == ledger, Organisation.ledger_tenant_id.in_(tenant_ids)
        )
    )
    return {row.ledger_tenant_id: row for row in rows}


def add_unless_there(session: Session, model: type[Base], values: dict[str, Any]) -> bool:
    """Insert the row. False when it is already there, also when another process was just a moment faster."""
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    fresh = insert(model).values(values).on_conflict_do_nothing()
    counted = fresh.execution_options(preserve_rowcount=True)  # else PostgreSQL's driver does not say
    return session.connection().execute(counted).rowcount == 1


def set_connection(
    session: Session, organisation_id: str, was: Sequence[str], state: str, note: str | None
) -> bool:
    """Change the state of the connection, if it is one of those named. False when it is not."""
    these = and_(Organisation.id == organisation_id, Organisation.connection.in_(was))
    return _changed(session, update(Organisation).where(these).values(connection=state, connection_note=note))


def forget_connection_id(session: Session, organisation_id: str) -> None:
    """Nothing is left to be ended in the ledger, unless the organisation was connected again meanwhile."""
    these = and_(Organisation.id == organisation_id, Organisation.connection == DISCONNECTED)
    _changed(session, update(Organisation).where(these).values(connection_id=None))


def stop_chasing(session: Session, organisation_id: str, now: datetime, by: str) -> bool:
    """Switch chasing off. False when it was off."""
    these = and_(Organisation.id == organisation_id, Organisation.chasing != "off")
    off = {"chasing": "off", "chasing_since": now, "chasing_changed_by": by}
    return _changed(session, update(Organisation).where(these).values(off))


def due_for_a_look(session: Session, now: datetime) -> str | None:
    """One authorisation whose connections should be looked at, the longest overdue first."""
    in_use = exists().where(Organisation.authorisation_id == Authorisation.id, _worth_a_look())
    return session.scalars(
        select(Authorisation.id)
        .where(Authorisation.state == CONNECTED, _is_due(now), in_use)
        .order_by(Authorisation.next_look_at.is_not(None), Authorisation.next_look_at)
        .limit(1)
    ).one_or_none()


def claim_look(session: Session, authorisation_id: str, now: datetime, again_at: datetime) -> bool:
    """Be the one who looks; false when somebody else began."""
    this = update(Authorisation).where(Authorisation.id == authorisation_id, _is_due(now))
    return _changed(session, this.values(next_look_at=again_at))


def look_again(session: Session, authorisation_id: str, at: datetime) -> None:
    """When to look next."""
    _changed(
        session, update(Authorisation).where(Authorisation.id == authorisation_id).values(next_look_at=at)
    )


def _worth_a_look() -> ColumnElement[bool]:
    """Connected, or disconnected here without the ledger having been told."""
    return or_(
        Organisation.connection == CONNECTED,
        and_(Organisation.connection == DISCONNECTED, Organisation.connection_id.is_not(None)),
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(Authorisation.next_look_at.is_(None), Authorisation.next_look_at <= now)


def _this_version(authorisation_id: str, version: int) -> Update:
    return update(Authorisation).where(Authorisation.id == authorisation_id, Authorisation.version == version)


def _changed(session: Session, statement: Update) -> bool:
    """Run it and say whether it changed anything."""
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount > 0
