"""The audit log as people read it: page by page, searched, exported, and kept for as long as the organisation wants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy.orm import Session

from kit import clock
from kit.acting import acting, acting_as
from kit.errors import UserError
from kit.spreadsheet import csv_stream
from kit.wording import ENGLISH, _, grouped, worded_in
from services.app import App
from services.audit_lines import Line, line
from services.audit_words import VIA
from store import audit
from store.append_only import LEAST_DAYS
from store.models import AuditEntry, Person
from store.queries import audit as queries
from store.queries.audit import Filter, Place
from store.queries.switches import organisation_to_change

MOST_KEPT_DAYS: Final = 3_650
_OWN_KEPT_DAYS = 730
"""For what belongs to no organisation."""
_AT_ONCE = 500
_HEADING = ("when", "who", "what", "through", "address", "act", "subject", "subject_id", "contact_id", "invoice_id",
            "before", "after", "id")  # fmt: skip


class Format(StrEnum):
    CSV = "csv"
    LINES = "jsonl"


MEDIA_TYPES: Final = {Format.CSV: "text/csv; charset=utf-8", Format.LINES: "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the log, the newest first; ``further``: where the next part begins."""

    lines: tuple[Line, ...]
    further: Place | None


def page(session: Session, organisation_id: str, wanted: Filter, after: Place | None, limit: int) -> Page:
    """The entries behind a place that are looked for."""
    found = queries.page(session, organisation_id, wanted, after, limit + 1)
    shown = found[:limit]
    further = place_of(shown[-1]) if len(found) > limit else None
    return Page(tuple(in_words(session, organisation_id, shown)), further)


def place_of(entry: AuditEntry) -> Place:
    """Where it stands in the log."""
    return entry.at, entry.id


def in_words(session: Session, organisation_id: str, entries: Sequence[AuditEntry]) -> Iterator[Line]:
    """Entries in words."""
    names = queries.names(session, organisation_id, entries)
    return (line(entry, names) for entry in entries)


def export(app: App, organisation_id: str, wanted: Filter, form: Format) -> Iterator[bytes]:
    """The log as a file, a piece at a time. That somebody took it along is noted first."""
    with app.database.write(organisation_id) as session:
        audit.note_act(
            session, organisation_id, act="exported", about="audit_log", after={"format": form.value}
        )
    lines = _every(app, organisation_id, wanted)
    return csv_stream(_HEADING, map(_cells, lines)) if form is Format.CSV else map(_json, lines)


def signed_in(app: App, person_id: str) -> None:
    """Note that somebody has signed in: for the installation, and in the log of each organisation that they belong to."""
    with app.database.write_across() as session:
        person = session.get(Person, person_id)
        if person is None:
            return
        with acting_as(replace(acting(), name=person.name, person_id=person_id)):
            audit.note_acts(
                session,
                [None, *queries.organisations_of(session, person_id)],
                act="signed_in",
                about="person",
                about_id=person_id,
            )


def keep_for(session: Session, organisation_id: str, days: int) -> None:
    """Keep the log for so many days. ``UserError`` for less than a year, or for more than ten."""
    if not LEAST_DAYS <= days <= MOST_KEPT_DAYS:
        raise UserError(
            _(
                "The audit log is kept for %(least_days)s to %(most_kept_days)s days; choose a number between.",
                least_days=LEAST_DAYS,
                most_kept_days=grouped(MOST_KEPT_DAYS),
            )
        )
    organisation = organisation_to_change(session, organisation_id)
    if organisation is not None:
        organisation.audit_kept_days = days


def forget(app: App) -> None:
    """Remove what is older than each organisation wants it kept; by the machine's clock, which no demo moves."""
    with app.database.read_across() as session:
        kept: list[tuple[str | None, int]] = [*queries.kept_for(session), (None, _OWN_KEPT_DAYS)]
    for organisation_id, days in kept:
        before = clock.machine_now() - timedelta(days=max(days, LEAST_DAYS), hours=1)
        more = True
        while more:
            with app.database.write_across() as session:
                more = queries.forget(session, organisation_id, before) > 0


def _every(app: App, organisation_id: str, wanted: Filter) -> Iterator[Line]:
    place: Place | None = None
    while True:
        with worded_in(ENGLISH), app.database.read(organisation_id) as session:
            part = page(session, organisation_id, wanted, place, _AT_ONCE)
        yield from part.lines
        if part.further is None:
            return
        place = part.further


def _cells(one: Line) -> Sequence[str | None]:
    entry = one.entry
    return (
        entry.at.isoformat(),
        entry.who,
        one.said,
        VIA.get(entry.via, entry.via),
        entry.address,
        entry.act,
        entry.subject,
        entry.subject_id,
        entry.contact_id,
        entry.invoice_id,
        _as_text(entry.before),
        _as_text(entry.after),
        entry.id,
    )


def _as_text(values: object) -> str:
    return "" if values is None else msgspec.json.encode(values).decode()


def _json(one: Line) -> bytes:
    return msgspec.json.encode(shown(one)) + b"\n"


def shown(one: Line) -> dict[str, object]:
    """An entry for programs."""
    entry = one.entry
    return {
        "id": entry.id,
        "at": entry.at,
        "who": entry.who,
        "person_id": entry.person_id,
        "via": entry.via,
        "address": entry.address,
        "practice_id": entry.practice_id,
        "act": entry.act,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "contact_id": entry.contact_id,
        "invoice_id": entry.invoice_id,
        "said": one.said,
        "before": entry.before,
        "after": entry.after,
    }
