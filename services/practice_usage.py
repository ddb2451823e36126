"""What was done for each client in a month, counted for billing.

Only what stands in the database is counted: nobody's minutes are invented, and sums of money are left out, because
what a practice charges is its own affair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.spreadsheet import Cell, Table
from kit.wording import _
from store.models import Organisation
from store.queries import practice_usage as queries
from store.queries import practices

_WIDEST_ZONE = timedelta(hours=14)
HEADING = (
    "Month", "Client", "Service level", "E-mails", "Text messages", "Letters", "Calls logged", "Replies handled",
    "Notes written", "Client since", "Ended",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Usage:
    """One client's month. Counted is what left or was put down in it, by whomever."""

    month: date
    organisation_id: str
    client: str
    service_level: str | None
    emails: int
    texts: int
    letters: int
    calls: int
    replies: int
    notes: int
    since: date | None = None
    ended: date | None = None


def of_practice(session: Session, practice_id: str, month: date) -> list[Usage]:
    """The month of every client whose consent was in force at some time of it, also of those that have ended."""
    first, following = month, _next(month)
    since = datetime.combine(first, time(), ZoneInfo("UTC")) - _WIDEST_ZONE
    until = datetime.combine(following, time(), ZoneInfo("UTC")) + _WIDEST_ZONE
    links = queries.clients_between(session, practice_id, since, until)
    counted = {
        one.organisation_id: one for one in counted_of(session, [theirs for _, theirs in links], month)
    }
    found: dict[str, Usage] = {}
    for (
        client,
        theirs,
    ) in links:  # the consent that began last says the service level, where there were several
        zone = ZoneInfo(theirs.timezone)
        began = client.consent_at.astimezone(zone).date()
        ended = client.ended_at.astimezone(zone).date() if client.ended_at else None
        if began >= following or (ended and ended < first):
            continue
        found[theirs.id] = _with(counted[theirs.id], client.service_level, began, ended)
    return list(found.values())


def counted_of(session: Session, organisations: Sequence[Organisation], month: date) -> list[Usage]:
    """The month of these organisations, each by its own calendar."""
    spans: dict[queries.Span, list[str]] = defaultdict(list)
    for one in organisations:
        if one.id not in spans[_span(month, one.timezone)]:
            spans[_span(month, one.timezone)].append(one.id)
    if not spans:
        return []
    messages, records = queries.messages(session, spans), queries.records(session, spans)
    replies = queries.replies_handled(session, spans)
    return [
        Usage(
            month,
            one.id,
            one.name,
            None,
            emails=messages[one.id].get("email", 0),
            texts=messages[one.id].get("sms", 0),
            letters=messages[one.id].get("letter", 0),
            calls=records[one.id].get("call", 0),
            replies=replies.get(one.id, 0),
            notes=records[one.id].get("note", 0),
        )
        for one in {one.id: one for one in organisations}.values()
    ]


def service_level_of(session: Session, organisation_id: str) -> str | None:
    """The word of the practice that works for it now, the newest consent first; None: there is none."""
    links = practices.of_organisation(session, organisation_id)
    return next((one.service_level for one, _ in links if one.ended_at is None and one.service_level), None)


def last_months(today: date, count: int) -> list[date]:
    """The first days of the last months, this one first."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def table(month: date, rows: Iterable[Usage]) -> Table:
    """For a spreadsheet."""
    return Table(f"Usage {month:%Y-%m}", HEADING, [_cells(one) for one in rows])


def month_of(word: str, today: date) -> date:
    """The first day of a month written ``2026-11``; empty: of the present one. ``UserError`` for anything else."""
    if not word:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{word}-01")
    except ValueError:
        found = date.min
    if len(word) != len("2026-11") or not 2000 <= found.year <= 9000:
        raise UserError(_("A month is written like 2026-11; choose it again."))
    return found


def _cells(one: Usage) -> list[Cell]:
    return [
        f"{one.month:%Y-%m}",
        one.client,
        one.service_level or "",
        one.emails,
        one.texts,
        one.letters,
        one.calls,
        one.replies,
        one.notes,
        one.since,
        one.ended,
    ]


def _with(one: Usage, level: str | None, since: date, ended: date | None) -> Usage:
    return replace(one, service_level=level, since=since, ended=ended)


def _span(month: date, zone: str) -> tuple[datetime, datetime]:
    here = ZoneInfo(zone)
    return datetime.combine(month, time(), here), datetime.combine(_next(month), time(), here)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
