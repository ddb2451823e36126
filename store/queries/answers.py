"""Colleagues' answers on their way out: which wait, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, literal_column, or_, select, update
from sqlalchemy.orm import Session

from store.models import Answer, Attachment, Communication

_PENDING: ColumnElement[bool] = literal_column("answers.status = 'pending'")
"""Written out, so that both databases can use the partial index."""


def add(session: Session, row: Answer) -> None:
    session.add(row)
    session.flush()


def one(session: Session, organisation_id: str, answer_id: str) -> Answer | None:
    return session.get(Answer, (organisation_id, answer_id))


def due(session: Session, now: datetime, abandoned_before: datetime) -> list[str]:
    """Organisations with one to try now, or with one whose end nobody stored."""
    statement = select(Answer.organisation_id).where(
        _PENDING,
        or_(
            (Answer.next_try_at <= now) & Answer.handed_over_at.is_(None),
            Answer.handed_over_at < abandoned_before,
        ),
    )
    return list(session.scalars(statement.distinct().order_by(Answer.organisation_id)))


def next_due(session: Session, organisation_id: str, now: datetime, *, lock: bool = False) -> Answer | None:
    """The next one to be tried; ``lock``: one that nobody else has in hand."""
    statement = (
        select(Answer)
        .where(
            Answer.organisation_id == organisation_id,
            _PENDING,
            Answer.handed_over_at.is_(None),
            Answer.next_try_at <= now,
        )
        .order_by(Answer.created_at, Answer.communication_id)
        .limit(1)
    )
    if lock:
        statement = statement.with_for_update(skip_locked=True)
    return session.scalars(statement).one_or_none()


def waiting_since(session: Session, organisation_id: str, before: datetime) -> list[Answer]:
    """Those that were written before then and have surely not left."""
    statement = select(Answer).where(
        Answer.organisation_id == organisation_id,
        _PENDING,
        Answer.handed_over_at.is_(None),
        Answer.created_at < before,
    )
    return list(session.scalars(statement.with_for_update(skip_locked=True)))


def abandoned(session: Session, organisation_id: str, before: datetime) -> list[Answer]:
    """Those that were handed over by somebody who never told the end."""
    statement = select(Answer).where(
        Answer.organisation_id == organisation_id, _PENDING, Answer.handed_over_at < before
    )
    return list(session.scalars(statement.with_for_update(skip_locked=True)))


def put_all_off(session: Session, organisation_id: str, until: datetime, problem: str) -> None:
    """Nothing of the organisation is tried before then."""
    session.connection().execute(
        update(Answer)
        .where(Answer.organisation_id == organisation_id, _PENDING, Answer.handed_over_at.is_(None))
        .values(next_try_at=until, problem=problem)
    )


def files_of(session: Session, organisation_id: str, answer_id: str) -> list[Attachment]:
    """The files that a person added."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.organisation_id == organisation_id, Attachment.communication_id == answer_id)
            .order_by(Attachment.id)
        )
    )


def answered(session: Session, row: Communication) -> Communication | None:
    """The message that an answer answers."""
    return session.get(Communication, (row.organisation_id, row.in_reply_to)) if row.in_reply_to else None


def newest_mail(session: Session, organisation_id: str, contact_id: str) -> Communication | None:
    """The last mail that people exchanged with a customer; None: there is none."""
    statement = select(Communication).where(
        Communication.organisation_id == organisation_id,
        Communication.contact_id == contact_id,
        Communication.channel == "email",
        Communication.sent_at.is_not(None),
        Communication.kind.in_(("reply", "answer", "chaser", "own_mail")),
    )
    return session.scalars(
        statement.order_by(Communication.sent_at.desc(), Communication.id).limit(1)
    ).one_or_none()


def pending_to(session: Session, organisation_id: str, message_id: str) -> Answer | None:
    """The newest answer to a message that has not left, or of which nobody knows."""
    return session.scalars(
        select(Answer)
        .join(
            Communication,
            (Communication.organisation_id == Answer.organisation_id)
            & (Communication.id == Answer.communication_id),
        )
        .where(
            Answer.organisation_id == organisation_id,
            Communication.in_reply_to == message_id,
            Answer.status != "sent",
        )
        .order_by(Answer.created_at.desc())
        .limit(1)
    ).one_or_none()
