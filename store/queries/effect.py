"""What was done in a time, month by month, and which reminders did not leave: what the pages of effect are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select
from sqlalchemy.orm import Session

from credit_control.effect.impact import Deed
from store.models import Communication, Contact, LedgerNote, Reply

Span = tuple[datetime, datetime]
"""From the first moment of a month until that of the next, or of the part of it that is asked for."""
_LEFT = ("sent", "delivered", "bounced", "unknown")
_BY_HAND = ("own_mail", "answer")
_WRITTEN = ("email", "sms", "letter")
_BY_CHANNEL = {"email": Deed.EMAIL, "sms": Deed.TEXT, "letter": Deed.LETTER}
_STATEMENT = "statement"
_PLANNED_AHEAD = timedelta(days=30)
"""Nothing waits for its turn longer than this."""


def done(session: Session, organisation_id: str, spans: Sequence[Span]) -> list[dict[Deed, int]]:
    """How often each kind of work was done in each of these times, which follow each other."""
    found: list[dict[Deed, int]] = [defaultdict(int) for _ in spans]
    for at, (channel, kind), count in _counted(session, _messages(organisation_id, spans)):
        found[at][Deed.STATEMENT if kind == _STATEMENT else _BY_CHANNEL[channel]] += count
    for deed, statement in (
        (Deed.CALL, _calls(organisation_id, spans)),
        (Deed.REPLY, _replies(organisation_id, spans)),
        (Deed.NOTE, _notes(organisation_id, spans)),
    ):
        for at, _, count in _counted(session, statement):
            found[at][deed] += count
    return found


def _messages(organisation_id: str, spans: Sequence[Span]) -> Any:
    """What left by itself; without what colleagues wrote themselves."""
    return select(_place(Communication.sent_at, spans), Communication.channel, Communication.kind).where(
        Communication.organisation_id == organisation_id,
        _within(Communication.sent_at, spans),
        Communication.direction == literal("out", literal_execute=True),  # or the partial index is not seen
        Communication.channel.in_(_WRITTEN),
        Communication.kind.not_in(_BY_HAND),
        Communication.status.in_(_LEFT),
    )


def _calls(organisation_id: str, spans: Sequence[Span]) -> Any:
    return select(_place(Communication.created_at, spans)).where(
        Communication.organisation_id == organisation_id,
        _within(Communication.created_at, spans),
        Communication.kind == "call",
    )


def _replies(organisation_id: str, spans: Sequence[Span]) -> Any:
    return select(_place(Reply.created_at, spans)).where(
        Reply.organisation_id == organisation_id, _within(Reply.created_at, spans)
    )


def _notes(organisation_id: str, spans: Sequence[Span]) -> Any:
    return select(_place(LedgerNote.written_at, spans)).where(
        LedgerNote.organisation_id == organisation_id,
        _within(LedgerNote.written_at, spans),
        LedgerNote.status == "written",
    )


def _place(at: Any, spans: Sequence[Span]) -> ColumnElement[int]:
    return case(*((at < until, number) for number, (_, until) in enumerate(spans)), else_=len(spans)).label(
        "place"
    )


def _within(at: Any, spans: Sequence[Span]) -> ColumnElement[bool]:
    return and_(at >= spans[0][0], at < spans[-1][1])


def _counted(session: Session, statement: Any) -> list[tuple[int, tuple[Any, ...], int]]:
    """Counted outside, so that what is grouped by is a name, whatever it was made of."""
    rows = statement.subquery()
    columns = list(rows.c)
    counted = session.execute(select(*columns, func.count()).group_by(*columns))
    return [(place, tuple(rest), count) for place, *rest, count in counted]


@dataclass(frozen=True, slots=True)
class NotSent:
    """A reminder that was planned for a time and is cancelled, with the sentence that was kept."""

    id: str
    planned_for: datetime
    checked: bool
    """The ledger was asked just before it would have left."""
    reason: str | None


def not_sent(session: Session, organisation_id: str, since: datetime, before: datetime) -> list[NotSent]:
    """All of this time, newest first. One that was planned again, and left after all, is none of them."""
    rows = session.connection().execute(
        select(Communication.id, Communication.planned_for, Communication.checked_at, Communication.reason)
        .where(*_stopped(organisation_id, since, before))
        .order_by(Communication.planned_for.desc(), Communication.id)
    )
    return [NotSent(key, at, checked is not None, reason) for key, at, checked, reason in rows if at]


def not_sent_counted(
    session: Session, organisation_id: str, spans: Sequence[Span]
) -> list[tuple[int, str | None, bool, int]]:
    """(place of the time, sentence, whether the ledger was asked, how many) of the same, in these times that follow each
    other: there are few sentences, and may be many reminders.
    """
    its = select(
        _place(Communication.planned_for, spans),
        Communication.reason,
        Communication.checked_at.is_not(None).label("checked"),
    ).where(*_stopped(organisation_id, spans[0][0], spans[-1][1]))
    return [
        (place, reason, bool(checked), count) for place, (reason, checked), count in _counted(session, its)
    ]


def _stopped(organisation_id: str, since: datetime, before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Communication.organisation_id == organisation_id,
        Communication.created_at >= since - _PLANNED_AHEAD,
        Communication.planned_for >= since,
        Communication.planned_for < before,
        Communication.direction == "out",
        Communication.kind == "chaser",
        Communication.status == "cancelled",
    )


@dataclass(frozen=True, slots=True)
class Named:
    """What a list shows of one of them."""

    id: str
    contact_id: str
    contact_name: str
    step_name: str | None
    planned_for: datetime | None
    reason: str | None


def named(session: Session, organisation_id: str, ids: Sequence[str]) -> list[Named]:
    """A page of them, in the order of the days that they were planned for, newest first."""
    its_contact = and_(
        Contact.organisation_id == Communication.organisation_id, Contact.id == Communication.contact_id
    )
    rows = session.execute(
        select(
            Communication.id,
            Communication.contact_id,
            Contact.name,
            Communication.step_name,
            Communication.planned_for,
            Communication.reason,
        )
        .join(Contact, its_contact)
        .where(Communication.organisation_id == organisation_id, Communication.id.in_(ids))
        .order_by(Communication.planned_for.desc(), Communication.id)
    )
    return [Named(*row) for row in rows]
