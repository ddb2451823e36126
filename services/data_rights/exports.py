"""Everything of one organisation, or of one of its customers, as files, for its owners to take along or to hand over.

A job writes it a slice at a time, each a few hundred rows in one change, so that it holds nobody up, never has much
in memory, and goes on where it was interrupted. It is kept for a week.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from kit import clock
from kit.doorbell import BULK
from kit.errors import UserError
from kit.ids import new_id
from kit.spreadsheet import Cell, csv_stream
from kit.wording import _
from kit.zip_stream import file_name, zip_pieces
from services import doors
from services.app import App
from services.data_rights import contents, persons, subjects
from services.data_rights.contents import Files
from services.data_rights.explained import readme
from store import audit
from store.models import DataExport, DataExportPart, Organisation
from store.queries import data_exports as queries
from store.queries import whole_tables
from store.queries.one_person import OnePerson

ASKED, READY = "asked", "ready"
KEPT = timedelta(days=7)
_ROWS_AT_ONCE, _FILES_AT_ONCE = 500, 10
_HEADING = 2
"""Pieces of a CSV file above its first row."""
_README = "README.txt"


def ask(
    app: App, organisation_id: str, by: str, contact_id: str | None = None, person: str | None = None
) -> DataExport:
    """Have everything written, of the organisation, of one customer, or of one person there (by ``persons.mark``).

    ``UserError`` while something of the same is being written, or where there is nobody of that kind.
    """
    with app.database.write(organisation_id) as session:
        organisation = queries.lock(session, organisation_id)
        if any(one.state == ASKED for one in queries.listed(session, organisation_id, contact_id)):
            raise UserError(
                _("An export is being written already; it will be on this page when it is ready.")
            )
        now = clock.now()
        who = persons.known(session, organisation_id, contact_id or "", person) if person else None
        words, expected = _begun(session, organisation, contact_id, who, now)
        row = DataExport(
            organisation_id=organisation_id,
            id=new_id(),
            state=ASKED,
            place={},
            parts=0,
            done=0,
            expected=expected,
            asked_by=by,
            asked_at=now,
            expires_at=now + KEPT,
            contact_id=contact_id,
            person=persons.stored(who) if who else None,
        )
        session.add(row)
        session.flush()
        put(session, row, _README, words.encode())
    app.doorbell.ring(doors.EXPORT_ORGANISATION, organisation_id, queue=BULK)
    return row


def _begun(
    session: Session, organisation: Organisation, contact_id: str | None, who: OnePerson | None, now: datetime
) -> tuple[str, int]:
    """The README, and how many rows there are. ``UserError`` where there is no such customer, or it was erased."""
    if contact_id is not None:
        return subjects.readme(session, organisation, contact_id, now, who), subjects.count(
            session, organisation.id, contact_id, who
        )
    counts = [whole_tables.count(session, one, organisation.id) for one in contents.tables()]
    return readme(organisation, now), sum(counts)


def due(app: App) -> list[str]:
    """Organisations with an export that is to be written."""
    with app.database.read_across() as session:
        return queries.organisations_asking(session)


def go_on(app: App, organisation_id: str, seconds: float) -> bool:
    """Write for a while; True if there is more to write."""
    until = clock.stopwatch() + seconds
    while clock.stopwatch() < until:
        with app.database.write(organisation_id) as session:
            row = queries.asked(session, organisation_id)
            if row is None:
                return False
            _next(session, row)
    return True


def forget(app: App) -> None:
    """Delete exports whose week is over, a piece at a time."""
    now = clock.now()
    with app.database.read_across() as session:
        over = queries.expired(session, now)
    for organisation_id, export_id in over:
        more = True
        while more:
            with app.database.write(organisation_id) as session:
                more = queries.delete_pieces(session, organisation_id, export_id)


def of_whom(app: App, organisation_id: str, export_id: str) -> str | None:
    """The customer of whom an export is; None: it is of everything, or there is none."""
    with app.database.read(organisation_id) as session:
        row = queries.ready(session, organisation_id, export_id)
        return row.contact_id if row else None


def stream(
    app: App, organisation_id: str, export_id: str, contact_id: str | None = None
) -> tuple[str, Iterator[bytes]]:
    """Name and content of an archive, of this customer (None: of all). ``UserError`` when there is none that is ready."""
    with app.database.read(organisation_id) as session:
        row = queries.ready(session, organisation_id, export_id)
        row = row if row is not None and row.contact_id == contact_id else None
        organisation = session.get(Organisation, organisation_id)
    if row is None or organisation is None:
        raise UserError(_("This export is not ready, or was deleted after its week; ask for a new one."))
    with app.database.write(organisation_id) as session:
        about = "everything" if row.contact_id is None else "customer"
        audit.note_act(session, organisation_id, act="exported", about=about, contact_id=row.contact_id)
    what = "organisation" if row.contact_id is None else "person" if row.person else "customer"
    name = f"{file_name(organisation.name, 'organisation')} {what} {row.asked_at:%Y-%m-%d}.zip"
    return name, zip_pieces(_pieces(app, row), row.asked_at)


def _pieces(app: App, row: DataExport) -> Iterator[tuple[str, bytes]]:
    for number in range(row.parts):
        with app.database.read(row.organisation_id) as session:
            part = session.get(DataExportPart, (row.organisation_id, row.id, number))
        if part is None:
            return  # it was deleted meanwhile; an archive that breaks off is seen as broken
        yield part.name, zlib.decompress(part.content)


def _files() -> list[str]:
    """What is written one after the other, by the word that is kept of how far it has come."""
    found: list[str] = []
    for table in contents.tables():
        found.append(f"{table.name}.jsonl")
        found += [f"{table.name}.csv"] if table.name in contents.AS_CSV else []
    return [*found, *(one.table for one in contents.FILES)]


def _next(session: Session, row: DataExport) -> None:
    """A part more, or the end."""
    if row.contact_id is None:
        _slice(session, row)
    elif not subjects.write_next(session, row, put):
        row.state, row.ready_at, row.place = READY, clock.now(), {}


def _slice(session: Session, row: DataExport) -> None:
    """A few hundred rows more, or the end."""
    names = _files()
    name, after = row.place.get("file", names[0]), row.place.get("after")
    if "." in name:
        last = _write_rows(session, row, name, after)
    else:
        last = _write_files(session, row, next(one for one in contents.FILES if one.table == name), after)
    if last is not None:
        row.place = {"file": name, "after": last}
        return
    if name == names[-1]:
        row.state, row.ready_at, row.place = READY, clock.now(), {}
    else:
        row.place = {"file": names[names.index(name) + 1]}


def _write_rows(session: Session, row: DataExport, name: str, after: list[Any] | None) -> list[Any] | None:
    """Keys of the last row that was written; None at the end of the table."""
    table_name, _unused, kind = name.partition(".")
    table = whole_tables.table(table_name)
    columns = contents.columns_of(table)
    found = whole_tables.rows_after(session, table, columns, row.organisation_id, after, _ROWS_AT_ONCE)
    heading = [one.name for one in columns]
    content = _as_csv(heading, found, first=after is None) if kind == "csv" else _as_lines(heading, found)
    if content or after is None:
        put(session, row, f"{contents.folder_of(table_name)}/{name}", content)
    row.done += len(found) if kind == "jsonl" else 0
    return _keys_of_last(table_name, found, _ROWS_AT_ONCE)


def _write_files(
    session: Session, row: DataExport, files: Files, after: list[Any] | None
) -> list[Any] | None:
    table = whole_tables.table(files.table)
    columns = [table.c[one] for one in (files.column, files.named_by) if one]
    found = whole_tables.rows_after(session, table, columns, row.organisation_id, after, _FILES_AT_ONCE)
    for one in found:
        if one[files.column]:
            key = "-".join(str(one[each.name]) for each in whole_tables.keys(table))
            name = f" {file_name(one[files.named_by], 'file')}" if files.named_by else ""
            put(session, row, f"{files.folder}/{key}{name}{files.ending}"[:300], one[files.column])
    return _keys_of_last(files.table, found, _FILES_AT_ONCE)


def _keys_of_last(table: str, found: Sequence[RowMapping], most: int) -> list[Any] | None:
    order = whole_tables.keys(whole_tables.table(table))
    if len(found) < most or not order:
        return None
    return [_plain(found[-1][one.name]) for one in order]


def put(session: Session, row: DataExport, name: str, content: bytes) -> None:
    """A piece of a file more, behind those that are there."""
    session.add(
        DataExportPart(
            organisation_id=row.organisation_id,
            export_id=row.id,
            number=row.parts,
            name=name,
            content=zlib.compress(content),
        )
    )
    row.parts += 1


def _as_lines(heading: Sequence[str], found: Sequence[RowMapping]) -> bytes:
    lines = [
        json.dumps({one: row[one] for one in heading}, default=_plain, ensure_ascii=False) for row in found
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _as_csv(heading: Sequence[str], found: Sequence[RowMapping], *, first: bool) -> bytes:
    """Rows as CSV; the mark and the heading stand above the first ones alone."""
    pieces = list(csv_stream(heading, ([_cell(row[one]) for one in heading] for row in found)))
    return b"".join(pieces if first else pieces[_HEADING:])


def _cell(value: Any) -> Cell:
    """What a spreadsheet shows of it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, dict)):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return value.isoformat() if isinstance(value, (datetime, time)) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value
