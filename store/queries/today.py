"""What became of the messages that were planned for a day: which have left, and which have not, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from store.models import Communication, Contact

_OURS = ("email", "sms")
_LEFT = ("sent", "delivered", "bounced", "unknown")
_NOT_SENT = ("cancelled", "failed")
_PLANNED_AHEAD = timedelta(days=30)
"""Nothing waits for its turn longer than this."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A message and the name of the customer whom it was meant for."""

    message: Communication
    contact_name: str


@dataclass(frozen=True, slots=True)
class Today:
    """The newest of what has left and of what was not sent, and how many there are of each."""

    left: Sequence[Ended]
    left_count: int
    not_sent: Sequence[Ended]
    not_sent_count: int


def today(session: Session, organisation_id: str, begins: datetime, ends: datetime, most: int) -> Today:
    """What became of an organisation's messages of the time from ``begins`` until ``ends``; ``most`` of each."""
    left = (
        Communication.organisation_id == organisation_id,
        Communication.sent_at >= begins,
        Communication.sent_at < ends,
        Communication.direction == "out",
        Communication.channel.in_(_OURS),
        Communication.kind != "own_mail",  # a colleague sent it, not we
        Communication.status.in_(_LEFT),
    )
    not_sent = (
        Communication.organisation_id == organisation_id,
        Communication.created_at >= begins - _PLANNED_AHEAD,
        Communication.planned_for >= begins,
        Communication.planned_for < ends,
        Communication.direction == "out",
        Communication.channel.in_(_OURS),
        Communication.status.in_(_NOT_SENT),
    )
    newest = _ended(session, _with_names(left).order_by(Communication.sent_at.desc()).limit(most))
    kept_back = _ended(session, _with_names(not_sent).order_by(Communication.planned_for.desc()).limit(most))
    return Today(
        newest,
        _count(session, left) if len(newest) == most else len(newest),
        kept_back,
        _count(session, not_sent) if len(kept_back) == most else len(kept_back),
    )


def _with_names(conditions: Sequence[ColumnElement[bool]]) -> Select[Communication, str]:
    its_contact = (Contact.organisation_id == Communication.organisation_id) & (
        Contact.id == Communication.contact_id
    )
    return select(Communication, Contact.name).join(Contact, its_contact).where(*conditions)


def _ended(session: Session, statement: Select[Communication, str]) -> list[Ended]:
    return [Ended(message, name) for message, name in session.execute(statement)]


def _count(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    return session.scalar(select(func.count()).select_from(Communication).where(*conditions)) or 0
