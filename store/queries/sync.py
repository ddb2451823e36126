"""How far the mirror is: one position for each kind of reading of each organisation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from store.models import Lease, Organisation, SyncPosition

LEASE_PREFIX = "mirror:"
"""Before the organisation's id, the name of the lease under which its ledger is read."""


def organisations_due(session: Session, now: datetime) -> list[str]:
    """Connected organisations of which something is to be read and is not being read, longest waiting first."""
    busy = select(Lease.name).where(
        Lease.name == LEASE_PREFIX + SyncPosition.organisation_id, Lease.until > now
    )
    found = session.scalars(
        select(SyncPosition.organisation_id)
        .join(Organisation, Organisation.id == SyncPosition.organisation_id)
        .where(Organisation.connection == "connected", _due(now), ~busy.exists())
        .order_by(SyncPosition.next_at)
    )
    return list(dict.fromkeys(found))


def positions(session: Session, organisation_id: str) -> dict[str, SyncPosition]:
    """All positions of the organisation, by resource."""
    found = session.scalars(select(SyncPosition).where(SyncPosition.organisation_id == organisation_id))
    return {position.resource: position for position in found}


def due_positions(session: Session, organisation_id: str, now: datetime) -> dict[str, SyncPosition]:
    """The positions that are due, by resource."""
    found = session.scalars(
        select(SyncPosition).where(SyncPosition.organisation_id == organisation_id, _due(now))
    )
    return {position.resource: position for position in found}


def postpone_due(
    session: Session, organisation_id: str, now: datetime, until: datetime, problem: str
) -> None:
    """Nothing of this organisation can be read just now: whatever is due waits until then."""
    session.execute(
        update(SyncPosition)
        .where(SyncPosition.organisation_id == organisation_id, _due(now))
        .values(next_at=until, problem=problem, touched_at=now, failures=SyncPosition.failures + 1)
        .execution_options(synchronize_session=False)
    )


def _due(now: datetime) -> ColumnElement[bool]:
    """Due by its time; or last touched in what is now the future, because the clock was set back since."""
    return or_(SyncPosition.next_at <= now, SyncPosition.touched_at > now)
