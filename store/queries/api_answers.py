"""What requests with an ``Idempotency-Key`` were answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from store.models import ApiAnswer
from store.queries.upsert import upsert

_NOT_YET = 0


def claim(session: Session, organisation_id: str, key: str, request_digest: str, now: datetime) -> bool:
    """Put the key down for this change; False when it is there. Waits for another change with the same key."""
    fresh = upsert(session, ApiAnswer).values(
        organisation_id=organisation_id,
        key=key,
        request_digest=request_digest,
        status=_NOT_YET,
        body="",
        created_at=now,
    )
    counted = {"preserve_rowcount": True}  # otherwise PostgreSQL's count of an insert is thrown away
    done = session.connection().execute(fresh.on_conflict_do_nothing(), execution_options=counted)
    return done.rowcount == 1


def keep(session: Session, organisation_id: str, key: str, status: int, body: str) -> None:
    """Keep the answer beside the key, in the same change."""
    session.connection().execute(
        update(ApiAnswer)
        .where(ApiAnswer.organisation_id == organisation_id, ApiAnswer.key == key)
        .values(status=status, body=body)
    )


def kept(session: Session, organisation_id: str, key: str) -> ApiAnswer | None:
    """The answer that belongs to a key."""
    return session.get(ApiAnswer, (organisation_id, key))


def forget(session: Session, before: datetime) -> None:
    """Drop answers older than this: nobody repeats a request after that."""
    session.connection().execute(delete(ApiAnswer).where(ApiAnswer.created_at < before))
