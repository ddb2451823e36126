"""A conversation: the messages that answer each other, with the files that came or went with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from store.models import Attachment, Communication

_DEEPEST = 30
_MOST = 200


@dataclass(slots=True)
class Said:
    """One message, and its files without their contents."""

    message: Communication
    files: list[Attachment] = field(default_factory=list)


def conversation(session: Session, message: Communication) -> list[Said]:
    """The messages of the conversation that this one belongs to, the first one first."""
    ids = {_root(session, message)}
    newest = set(ids)
    while newest and len(ids) < _MOST:
        newest = _answers(session, message, newest) - ids
        ids |= newest
    said = {one.id: Said(one) for one in _messages(session, message, ids)}
    files = select(Attachment).where(
        Attachment.organisation_id == message.organisation_id, Attachment.communication_id.in_(said)
    )
    without = files.options(defer(Attachment.content, raiseload=True)).order_by(Attachment.name)
    for file in session.scalars(without):
        said[file.communication_id].files.append(file)
    return list(said.values())


def _root(session: Session, message: Communication) -> str:
    """The message that begins it."""
    current: Communication = message
    for _ in range(_DEEPEST):
        before = (
            session.get(Communication, (message.organisation_id, current.in_reply_to))
            if current.in_reply_to
            else None
        )
        if before is None or before.id == message.id:
            break
        current = before
    return current.id


def _answers(session: Session, message: Communication, ids: Collection[str]) -> set[str]:
    statement = select(Communication.id).where(
        Communication.organisation_id == message.organisation_id,
        Communication.contact_id == message.contact_id,
        Communication.in_reply_to.in_(ids),
    )
    return set(session.scalars(statement.limit(_MOST)))


def _messages(session: Session, message: Communication, ids: Collection[str]) -> list[Communication]:
    happened = func.coalesce(Communication.sent_at, Communication.created_at)
    statement = select(Communication).where(
        Communication.organisation_id == message.organisation_id, Communication.id.in_(ids)
    )
    return list(session.scalars(statement.order_by(happened, Communication.id)))
