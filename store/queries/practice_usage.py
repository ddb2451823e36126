"""What was done for clients in a month, counted for billing: one statement for each kind of figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.models import Communication, Organisation, PracticeClient, Reply

Span = tuple[datetime, datetime]
"""From the first moment of the month until that of the next, in the clients' own time zone."""
Spans = Mapping[Span, Collection[str]]
_LEFT = ("sent", "delivered", "bounced", "unknown")
_OURS = ("email", "sms", "letter")
_BY_HAND = ("call", "note")


def messages(session: Session, spans: Spans) -> dict[str, dict[str, int]]:
    """Messages that left, by organisation and channel; without what colleagues wrote from their own mailboxes."""
    statement = (
        select(Communication.organisation_id, Communication.channel, func.count())
        .where(
            _within(Communication.organisation_id, Communication.sent_at, spans),
            Communication.direction == "out",
            Communication.channel.in_(_OURS),
            Communication.kind != "own_mail",
            Communication.status.in_(_LEFT),
        )
        .group_by(Communication.organisation_id, Communication.channel)
    )
    return _twofold(session, statement)


def records(session: Session, spans: Spans) -> dict[str, dict[str, int]]:
    """Calls and notes that people put down, by organisation and kind."""
    statement = (
        select(Communication.organisation_id, Communication.kind, func.count())
        .where(
            _within(Communication.organisation_id, Communication.created_at, spans),
            Communication.kind.in_(_BY_HAND),
        )
        .group_by(Communication.organisation_id, Communication.kind)
    )
    return _twofold(session, statement)


def replies_handled(session: Session, spans: Spans) -> dict[str, int]:
    """Replies that were settled, by organisation."""
    statement = (
        select(Reply.organisation_id, func.count())
        .where(_within(Reply.organisation_id, Reply.settled_at, spans), Reply.state == "settled")
        .group_by(Reply.organisation_id)
    )
    return {organisation_id: count for organisation_id, count in session.execute(statement)}  # noqa: C416  # rows


def clients_between(
    session: Session, practice_id: str, since: datetime, until: datetime
) -> Sequence[tuple[PracticeClient, Organisation]]:
    """The consents that were in force at some time between, by the clients' names: what ended is billed as well."""
    rows = session.execute(
        select(PracticeClient, Organisation)
        .join(Organisation, Organisation.id == PracticeClient.organisation_id)
        .where(
            PracticeClient.practice_id == practice_id,
            PracticeClient.consent_at < until,
            or_(PracticeClient.ended_at.is_(None), PracticeClient.ended_at >= since),
        )
        .order_by(func.lower(Organisation.name), PracticeClient.consent_at, PracticeClient.id)
    )
    return [(client, organisation) for client, organisation in rows]


def _within(
    whose: InstrumentedAttribute[str],
    at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    spans: Spans,
) -> ColumnElement[bool]:
    return or_(*(and_(whose.in_(ids), at >= since, at < until) for (since, until), ids in spans.items()))


def _twofold(session: Session, statement: object) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for organisation_id, word, count in session.execute(statement):  # type: ignore[call-overload]  # any select
        found[organisation_id][word] = count
    return found
