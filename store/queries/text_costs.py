"""What text messages cost: which are to be asked about, and what was said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from store.models import Communication


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A text message of which the provider is to be asked what it cost."""

    id: str
    provider_id: str
    sent_at: datetime | None


def organisations_to_ask(session: Session, now: datetime) -> list[str]:
    """Organisations with text messages to be asked about now."""
    return list(session.scalars(select(Communication.organisation_id).where(*_due(now)).distinct()))


def unpriced(session: Session, organisation_id: str, now: datetime, limit: int) -> list[Unpriced]:
    """Text messages to be asked about now, those first that have waited longest."""
    statement = (
        select(Communication.id, Communication.provider_id, Communication.sent_at)
        .where(Communication.organisation_id == organisation_id, *_due(now))
        .order_by(Communication.ask_cost_at, Communication.id)
        .limit(limit)
    )
    return [
        Unpriced(id_, provider_id or "", sent_at) for id_, provider_id, sent_at in session.execute(statement)
    ]


def keep(session: Session, organisation_id: str, text_id: str, millionths: int, currency: str) -> None:
    """Keep what a text message cost."""
    values = {"cost_millionths": millionths, "cost_currency": currency, "ask_cost_at": None}
    session.connection().execute(update(Communication).where(*_is(organisation_id, [text_id])).values(values))


def ask_again(session: Session, organisation_id: str, text_ids: Collection[str], at: datetime | None) -> None:
    """Ask about these at another moment; None: not any more."""
    statement = update(Communication).where(*_is(organisation_id, text_ids)).values(ask_cost_at=at)
    session.connection().execute(statement)


def sent_since(
    session: Session, organisation_id: str, since: datetime
) -> Sequence[tuple[datetime, int | None, int | None, str | None]]:
    """When each text message left, in how many segments, and its cost in millionths of a currency."""
    statement = select(
        Communication.sent_at,
        Communication.segments,
        Communication.cost_millionths,
        Communication.cost_currency,
    ).where(
        Communication.organisation_id == organisation_id,
        Communication.channel == "sms",
        Communication.direction == "out",
        Communication.sent_at >= since,
    )
    return [tuple(row) for row in session.execute(statement)]  # type: ignore[misc]  # sent_at is there by the condition


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Communication.ask_cost_at.is_not(None),
        Communication.ask_cost_at <= now,
        Communication.provider_id.is_not(None),
    )


def _is(organisation_id: str, text_ids: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (Communication.organisation_id == organisation_id, Communication.id.in_(text_ids))
