"""What somebody should know before ringing up or writing: what was said last, and what leaves today by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from store.models import Communication, Organisation
from store.queries.last_said import last_said, leaves_before

_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class SaidLast:
    """Of one customer."""

    said: Sequence[Communication] = ()
    """Newest first."""
    leaving: Sequence[Communication] = ()
    """What leaves today unless something stops it, or is leaving now."""


def said_last(
    session: Session, organisation: Organisation, contact_ids: Collection[str], now: datetime
) -> dict[str, SaidLast]:
    """By contact, in two statements however many there are. Today ends by the organisation's clocks."""
    zone = ZoneInfo(organisation.timezone)
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    said = last_said(session, organisation.id, contact_ids, most=_MOST)
    leaving = leaves_before(session, organisation.id, contact_ids, tomorrow) if _leaves(organisation) else {}
    return {key: SaidLast(said.get(key, ()), leaving.get(key, ())) for key in contact_ids}


def _leaves(organisation: Organisation) -> bool:
    """Whether what is planned leaves: in a dry run, and while nothing is chased, it does not."""
    return organisation.chasing == "live"
