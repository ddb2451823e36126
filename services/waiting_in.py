"""What is overdue and what waits for somebody in each of several organisations: four statements, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.client_health import Overdue
from store.models import Organisation
from store.queries import practice_health as queries


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of one organisation. ``tasks`` are those that are due by its today; ``approvals`` wait for a yes, an address or a text."""

    overdue: tuple[Overdue, ...]
    replies: int
    tasks: int
    approvals: int


def waiting_in(session: Session, organisations: Sequence[Organisation], now: datetime) -> dict[str, Waiting]:
    """By organisation. The session must be one that reads across organisations."""
    if not organisations:
        return {}
    ids = [one.id for one in organisations]
    days: dict[date, list[str]] = defaultdict(list)
    for one in organisations:
        days[now.astimezone(ZoneInfo(one.timezone)).date()].append(one.id)
    overdue, tasks = queries.overdue(session, days), queries.tasks_due(session, days)
    replies, approvals = queries.replies_waiting(session, ids), queries.approvals_waiting(session, ids)
    return {
        key: Waiting(
            tuple(Overdue(*line) for line in overdue.get(key, [])),
            replies.get(key, 0),
            tasks.get(key, 0),
            approvals.get(key, 0),
        )
        for key in ids
    }
