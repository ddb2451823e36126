"""A story as evidence: every event in order with its full text, its states and who did it, as PDF, CSV or JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO, Any
from zoneinfo import ZoneInfo

import msgspec

from credit_control.words import Day, Money
from kit.errors import UserError
from kit.pdf import prints_whole
from kit.pdf_report import Part, report_pdf
from kit.spreadsheet import Cell, csv_stream
from kit.wording import N_, _
from services import timeline
from services.app import App
from services.message_as_sent import headers_of, history_of
from services.timeline import Wish
from services.timeline_events import Event
from store.models import Organisation
from store.queries.history_sources import Group, Scope

MOST_PRINTED = 2_000
_TOO_LONG = N_(
    "This is more than {:,} events, which is too much for one PDF; choose a shorter period, or take the"
    " CSV, which has no end."
)
_NOT_ALL_SIGNS = (
    "The type of this print lacks some signs of this: they stand as “…”, or in other letters. The CSV and the JSON"
    " lines have all of them as they were."
)
_PIECE = 64 * 1024
_GROUPS = {
    Group.MESSAGES: "messages",
    Group.REPLIES: "replies",
    Group.TALK: "calls and notes",
    Group.MONEY: "money",
    Group.DECISIONS: "decisions",
}
_WRITTEN_DOWN = frozenset({"call", "note"})
_HEADING = ("when", "day_only", "group", "kind", "channel", "state", "title", "text", "reason", "by", "to", "invoices",
            "headers", "became", "ledger_notes", "files", "id")  # fmt: skip


class Format(StrEnum):
    PDF = "pdf"
    CSV = "csv"
    LINES = "jsonl"


MEDIA_TYPES = {
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv; charset=utf-8",
    Format.LINES: "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be printed or exported, for whom."""

    scope: Scope
    wish: Wish
    about: str
    """Whose story, in words."""
    by: str
    at: datetime


def stream(app: App, order: Order, form: Format, *, most_printed: int = MOST_PRINTED) -> Iterator[bytes]:
    """The file in pieces. ``UserError`` for a PDF that would be too long."""
    if form is Format.PDF:
        return _pdf(app, order, most_printed)
    return _csv(app, order) if form is Format.CSV else _lines(app, order)


def _events(app: App, order: Order) -> Iterator[Event]:
    with app.database.read(order.scope.organisation_id) as session:
        yield from timeline.whole(session, order.scope, order.wish)


def _pdf(app: App, order: Order, most: int) -> Iterator[bytes]:
    with app.database.read(order.scope.organisation_id) as session:
        organisation = session.get_one(Organisation, order.scope.organisation_id)
        if timeline.is_longer_than(session, order.scope, order.wish, most):
            raise UserError(_(_TOO_LONG).format(most))
    made = (
        f"Made by {order.by} on {_moment(order.at, order.scope.zone)} with Dunnock, for {organisation.name}"
    )
    about = [*_limits(order), f"{made}. Times are those of {order.scope.zone}."]
    if not prints_whole(f"{order.about}{made}"):
        about.append(_NOT_ALL_SIGNS)
    parts = (_part(number, event, order.scope.zone) for number, event in enumerate(_events(app, order), 1))
    file = report_pdf(f"Timeline of {order.about}", about, parts, f"{order.about} · {made}")
    return _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _limits(order: Order) -> list[str]:
    """What was chosen, in words; that it is all where nothing was."""
    wish, found = order.wish, []
    if wish.first or wish.last:
        since = f"from {Day(wish.first)} " if wish.first else ""
        found.append(f"Period: {since}{f'up to {Day(wish.last)}' if wish.last else 'on'}")
    if wish.groups != frozenset(Group):
        found.append(f"Only: {', '.join(_GROUPS[group] for group in Group if group in wish.groups)}")
    if wish.words:
        found.append(f"Only with the words: {wish.words}")
    if wish.person:
        found.append(f"Only with the person: {wish.person}")
    return found or ["Everything on record, for all time."]


def _part(number: int, event: Event, zone: str) -> Part:
    when = str(Day(event.at.date())) if event.dated else _moment(event.at, zone)
    state = f" · {event.state}" if event.state else ""
    facts = [f"{when}{state}", *_who(event)]
    facts += _headers(event)
    if event.invoices:
        told = ", ".join(f"{one.number} ({Money(one.amount_due, one.currency)})" for one in event.invoices)
        facts.append(f"Invoices: {told}")
    if event.reason:
        facts.append(event.reason)
    behind = _behind(event, zone)
    whole = all(map(prints_whole, (event.title, event.text, *facts, *behind)))
    return Part(f"{number}. {event.title}", facts, event.text, behind if whole else [_NOT_ALL_SIGNS, *behind])


def _headers(event: Event) -> list[str]:
    """From whom, to whom, when: of what was sent or came in. A call and a note never had any."""
    if event.entry is None or event.channel in _WRITTEN_DOWN:
        return []
    return [f"{name}: {value}" for name, value in headers_of(event.entry.message)]


def _who(event: Event) -> list[str]:
    """Who did it; whose message it is say its headers."""
    if not event.by or not (event.entry is None or event.channel in _WRITTEN_DOWN):
        return []
    with_whom = f", with {', '.join(event.to)}" if event.channel == "call" and event.to else ""
    return [f"By {event.by}{with_whom}"]


def _behind(event: Event, zone: str) -> list[str]:
    """What became of a message: its states with their times, its files, and its notes in the ledger."""
    entry = event.entry
    if entry is None:
        return []
    found = [
        f"{_moment(one.at, zone)}: {one.what}{f' ({one.why})' if one.why else ''}"
        for one in history_of(entry)
    ]
    found += [f"File: {one}" for one in _files(event)]
    found += [f"Note on the {note.target} in the ledger: {note.text}" for note in entry.notes]
    return found


def _files(event: Event) -> list[str]:
    entry = event.entry
    if entry is None:
        return []
    sent = [
        f"{one['name']}, {one['size']:,} bytes, SHA-256 {one['sha256']}" for one in entry.message.attached
    ]
    return sent + [f"{one.name}, {one.size:,} bytes" for one in entry.attachments]


def _csv(app: App, order: Order) -> Iterator[bytes]:
    return csv_stream(_HEADING, (_row(line) for line in map(line_of, _events(app, order))))


def _row(line: dict[str, Any]) -> list[Cell]:
    return ["\n".join(map(str, one)) if isinstance(one, list) else one for one in line.values()]


def _lines(app: App, order: Order) -> Iterator[bytes]:
    return (msgspec.json.encode(line_of(event)) + b"\n" for event in _events(app, order))


def line_of(event: Event) -> dict[str, Any]:
    """An event as a line of an export; moments in UTC, lists of words as they stand in the PDF."""
    entry = event.entry
    return {
        "when": event.at.date().isoformat() if event.dated else event.at.isoformat(),
        "day_only": "yes" if event.dated else "no",
        "group": event.group.value,
        "kind": event.kind,
        "channel": event.channel or "",
        "state": event.state or "",
        "title": event.title,
        "text": event.text,
        "reason": event.reason,
        "by": event.by,
        "to": list(event.to),
        "invoices": [one.number for one in event.invoices],
        "headers": _headers(event),
        "became": [
            f"{one.at.isoformat()} {one.what}{f' ({one.why})' if one.why else ''}"
            for one in history_of(entry)
        ]
        if entry
        else [],
        "ledger_notes": [note.text for note in entry.notes] if entry else [],
        "files": _files(event),
        "id": event.ref,
    }


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{Day(local.date())} {local:%H:%M:%S %Z}"
