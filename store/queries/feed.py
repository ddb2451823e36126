"""The event feed: adding to it, putting it in order, reading on in it, and forgetting what is old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from store.models import Communication, Feed, FeedEvent
from store.queries.api import invoice_ids_of
from store.queries.upsert import insert_new

_RANK = "told in this change"
_BEGINNING = {"numbered": 0, "forgotten": 0}


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a reader gets it."""

    id: str
    position: int
    at: datetime
    kind: str
    contact_id: str
    invoice_ids: list[str]
    communication_id: str | None
    communication: Communication | None
    """Whose words are those of the event, where it has none of its own."""
    title: str | None
    text: str | None


def add(session: Session, **values: Any) -> None:
    """Add an event; one that is there already stays as it is."""
    rank = session.info.get(_RANK, 0)
    session.info[_RANK] = rank + 1
    session.connection().execute(insert_new(session, FeedEvent), [{**values, "position": None, "rank": rank}])


def standing(session: Session, organisation_id: str) -> tuple[int, int]:
    """The position of the newest event that has one, and the one up to which they are kept no more."""
    row = session.execute(
        select(Feed.numbered, Feed.forgotten).where(Feed.organisation_id == organisation_id)
    ).one_or_none()
    return (row.numbered, row.forgotten) if row else (0, 0)


def id_at(session: Session, organisation_id: str, position: int) -> str | None:
    """Which event has this position; None: none, or none that is kept."""
    return session.scalar(
        select(FeedEvent.id).where(
            FeedEvent.organisation_id == organisation_id, FeedEvent.position == position
        )
    )


def number(session: Session, organisation_id: str, most: int) -> int:
    """Give the oldest events without a position the next ones, and tell how many these were.

    The row of the feed is held to the end of the transaction, so positions become visible in their order. What a
    slower transaction adds later comes behind them.
    """
    feed = _locked(session, organisation_id)
    waiting = (
        select(
            FeedEvent.id,
            func.row_number()
            .over(order_by=(FeedEvent.created_at, FeedEvent.rank, FeedEvent.id))
            .label("place"),
        )
        .where(FeedEvent.organisation_id == organisation_id, FeedEvent.position.is_(None))
        .order_by("place")
        .limit(most)
        .subquery()
    )
    done = session.connection().execute(
        update(FeedEvent)
        .where(FeedEvent.organisation_id == organisation_id, FeedEvent.id == waiting.c.id)
        .values(position=feed.numbered + waiting.c.place)
    )
    feed.numbered += done.rowcount
    return done.rowcount


def is_unnumbered(session: Session, organisation_id: str) -> bool:
    """Whether there are events without a position."""
    found = select(FeedEvent.id).where(
        FeedEvent.organisation_id == organisation_id, FeedEvent.position.is_(None)
    )
    return session.scalar(found.limit(1)) is not None


def after(session: Session, organisation_id: str, position: int, limit: int) -> list[Told]:
    """The next events behind a position, in order."""
    rows = session.scalars(
        select(FeedEvent)
        .where(FeedEvent.organisation_id == organisation_id, FeedEvent.position > position)
        .order_by(FeedEvent.position)
        .limit(limit)
    ).all()
    ids = {row.communication_id for row in rows if row.communication_id}
    messages = _messages(session, organisation_id, ids)
    about = invoice_ids_of(session, organisation_id, ids)
    return [_told(row, messages, about) for row in rows]


def _told(row: FeedEvent, messages: dict[str, Communication], about: dict[str, list[str]]) -> Told:
    of = row.communication_id or ""
    return Told(
        row.id,
        row.position or 0,
        row.at,
        row.kind,
        row.contact_id,
        about.get(of, []) if row.invoice_ids is None else row.invoice_ids,
        row.communication_id,
        messages.get(of),
        row.title,
        row.text,
    )


def _messages(session: Session, organisation_id: str, ids: set[str]) -> dict[str, Communication]:
    rows = session.scalars(
        select(Communication).where(
            Communication.organisation_id == organisation_id, Communication.id.in_(ids)
        )
    )
    return {row.id: row for row in rows}


def organisations_with_events_before(session: Session, moment: datetime) -> Sequence[str]:
    """Organisations that have events from before this moment."""
    found = select(FeedEvent.organisation_id).where(FeedEvent.created_at < moment).distinct()
    return session.scalars(found.order_by(FeedEvent.organisation_id)).all()


def count_before(session: Session, organisation_id: str, moment: datetime) -> int:
    """How many events there are from before this moment."""
    of_it = (FeedEvent.organisation_id == organisation_id, FeedEvent.created_at < moment)
    return session.scalar(select(func.count()).select_from(FeedEvent).where(*of_it)) or 0


def forget(session: Session, organisation_id: str, before: datetime) -> None:
    """Forget events from before this moment: of those in order a beginning, so that no hole is left in them."""
    feed = _locked(session, organisation_id)
    of_it = FeedEvent.organisation_id == organisation_id
    oldest_kept = session.scalar(
        select(func.min(FeedEvent.position)).where(of_it, FeedEvent.created_at >= before)
    )
    feed.forgotten = feed.numbered if oldest_kept is None else oldest_kept - 1
    session.execute(delete(FeedEvent).where(of_it, FeedEvent.position <= feed.forgotten))
    session.execute(
        delete(FeedEvent).where(of_it, FeedEvent.position.is_(None), FeedEvent.created_at < before)
    )


def _locked(session: Session, organisation_id: str) -> Feed:
    first = insert_new(session, Feed).values(organisation_id=organisation_id, **_BEGINNING)
    session.connection().execute(first)
    return session.scalars(
        select(Feed)
        .where(Feed.organisation_id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
