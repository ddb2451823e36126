"""What was put down for an organisation by somebody of a practice, beside what the audit log has of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from store.models import Communication, Contact, Practice

KINDS = ("call", "note", "answer", "letter", "skip", "review")
Place = tuple[datetime, str]


def records(
    session: Session, organisation_id: str, after: Place | None, limit: int
) -> Sequence[tuple[Communication, str]]:
    """Calls, notes, answers and the like by a practice, each with its customer's name, the newest first."""
    statement = (
        select(Communication, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(
            Communication.organisation_id == organisation_id,
            Communication.practice_id.is_not(None),
            Communication.kind.in_(KINDS),
        )
        .order_by(Communication.created_at.desc(), Communication.id.desc())
        .limit(limit)
    )
    if after:
        statement = statement.where(tuple_(Communication.created_at, Communication.id) < tuple_(*after))
    return [(one, name) for one, name in session.execute(statement)]


def practices(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The names of practices, as they are now."""
    rows = session.execute(select(Practice.id, Practice.name).where(Practice.id.in_(ids)))
    return {practice_id: name for practice_id, name in rows}  # noqa: C416  # rows are not pairs to mypy
