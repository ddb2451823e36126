"""What only one process may do at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.models import Lease


def take(session: Session, name: str, holder: str, now: datetime, seconds: float) -> bool:
    """Take the lease, or lengthen it if the holder has it. False while somebody else has it."""
    until = now + timedelta(seconds=seconds)
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    fresh = insert(Lease).values(name=name, holder=holder, until=until).on_conflict_do_nothing()
    if session.connection().execute(fresh).rowcount == 1:
        return True
    beyond = now + timedelta(seconds=10 * seconds)  # set by a clock that has since been put back
    taken = (
        update(Lease)
        .where(Lease.name == name, or_(Lease.holder == holder, Lease.until <= now, Lease.until > beyond))
        .values(holder=holder, until=until)
    )
    return session.connection().execute(taken).rowcount == 1


def release(session: Session, name: str, holder: str) -> None:
    """Give the lease back, if the holder still has it."""
    session.connection().execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
