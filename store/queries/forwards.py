"""Answers that are passed on to colleagues: which wait, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from store.models import Attachment, Communication, Forward

_PENDING = Forward.status == "pending"


def due(session: Session, now: datetime, abandoned_before: datetime) -> list[str]:
    """Organisations with one to try now, or with one whose end nobody stored."""
    statement = select(Forward.organisation_id).where(
        _PENDING,
        or_(
            (Forward.next_try_at <= now) & Forward.handed_over_at.is_(None),
            Forward.handed_over_at < abandoned_before,
        ),
    )
    return list(session.scalars(statement.distinct().order_by(Forward.organisation_id)))


def claim(session: Session, organisation_id: str, now: datetime) -> Forward | None:
    """The next one to be tried, which nobody else has in hand."""
    return session.scalars(
        select(Forward)
        .where(
            Forward.organisation_id == organisation_id,
            _PENDING,
            Forward.handed_over_at.is_(None),
            Forward.next_try_at <= now,
        )
        .order_by(Forward.created_at, Forward.communication_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def settle_abandoned(session: Session, organisation_id: str, before: datetime, problem: str) -> None:
    """Those that were handed over by somebody who never told the end: they may have left."""
    _change(
        session,
        organisation_id,
        Forward.handed_over_at < before,
        values={"status": "unknown", "problem": problem},
    )


def give_up(session: Session, organisation_id: str, made_before: datetime, problem: str) -> None:
    """Those that have waited for too long."""
    waits = Forward.handed_over_at.is_(None) & (Forward.created_at < made_before)
    _change(session, organisation_id, waits, values={"status": "refused", "problem": problem})


def put_all_off(session: Session, organisation_id: str, until: datetime, problem: str) -> None:
    """Nothing of the organisation is tried before then."""
    _change(
        session,
        organisation_id,
        Forward.handed_over_at.is_(None),
        values={"next_try_at": until, "problem": problem},
    )


def answer(
    session: Session, organisation_id: str, reply_id: str
) -> tuple[Communication, Communication, tuple[Attachment, ...]]:
    """An answer, the mail of ours that it answers, and the files that came with it."""
    reply = session.get_one(Communication, (organisation_id, reply_id))
    answered = session.get_one(Communication, (organisation_id, reply.in_reply_to))
    files = select(Attachment).where(
        Attachment.organisation_id == organisation_id, Attachment.communication_id == reply_id
    )
    return reply, answered, tuple(session.scalars(files.order_by(Attachment.id)))


def _change(session: Session, organisation_id: str, which: object, *, values: dict[str, object]) -> None:
    session.connection().execute(
        update(Forward).where(Forward.organisation_id == organisation_id, _PENDING, which).values(values)  # type: ignore[arg-type]
    )
