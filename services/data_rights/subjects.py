"""Everything that is held of one customer and its people, for whoever asks for it (Art. 15 and 20 GDPR).

A file of JSON for each kind, the files that came with messages, and one page that people read. It says of each kind what
it is for, where it comes from and how long it is kept. Other customers are in none of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from html import escape
from typing import Any, Final

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from kit.zip_stream import file_name
from services.data_rights import contents, explained, persons, retention
from store.models import Contact, DataExport, Organisation
from store.personal import PERSONAL
from store.personal.table import Personal
from store.queries import erasures as queries
from store.queries import held_of, whole_tables
from store.queries.one_person import OnePerson

Put = Callable[[Session, DataExport, str, bytes], None]

_PAGE: Final = "overview.html"
_NOT_THEIRS: Final = frozenset(
    {"organisation_id", "found_by", "fingerprint", "person_id", "address", "practice_id"}
)
"""Columns that say nothing of the customer; the network addresses in the audit log are mostly those of colleagues."""
_ADDRESS_IS_THEIRS: Final = frozenset({"contacts", "changed_addresses", "people_away", "stopped_addresses"})
_HEAD: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    "<style>body{{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}dt{{font-weight:600}}"
    "dd{{margin:0 0 .5rem;white-space:pre-wrap;overflow-wrap:anywhere}}dl{{border-top:1px solid #bbb;padding-top:.5rem}}</style>"
    "<h1>{title}</h1><p>{words}</p>"
)


def count(session: Session, organisation_id: str, contact_id: str, who: OnePerson | None = None) -> int:
    """How many rows are held of a customer, or of one person there."""
    if who is not None:
        about = persons.About(session, session.get_one(Contact, (organisation_id, contact_id)), who)
        return sum(len(about.rows(one)) for one in _tables())
    return sum(held_of.count(session, one, organisation_id, contact_id) for one in _tables())


def readme(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    now: datetime,
    who: OnePerson | None = None,
) -> str:
    """What is in the files. ``UserError`` where there is no such customer, or it was erased."""
    contact = session.get(Contact, (organisation.id, contact_id))
    if contact is None or contact.status == queries.ERASED:
        raise UserError(_("Nothing is held of this customer any more."))
    whom = f"{who.shown} at {contact.name}" if who else contact.name
    parts = [
        f"Everything that {organisation.name} holds in Dunnock of {whom}, as of {now:%Y-%m-%d %H:%M} (UTC).\n",
        *([persons.HOW_FOUND] if who else []),
        f"{_PAGE} is for reading; the files that end in .json hold the same for programs.\n",
        f"What {organisation.name} keeps in its ledger beside that is not in here; ask there.\n",
    ]
    for one in _tables():
        words = [f"{one.table}.json: {one.is_}", *(f"  {line}" for line in _about(organisation, one))]
        words += [f"  - {name}: {told}" for name, told in _columns(one).items()]
        parts.append("\n".join(words) + "\n")
    return "\n".join(parts)


def write_next(session: Session, row: DataExport, put: Put) -> bool:
    """Write what is held of one kind; False when everything is written."""
    number = int(row.place.get("number", 0))
    tables = _tables()
    organisation = session.get_one(Organisation, row.organisation_id)
    if number < len(tables):
        _write_data(session, row, tables[number], put)
    elif number == len(tables):
        title = f"What {organisation.name} holds of you"
        words = (
            "Dunnock asks for payment of invoices in its name. This page shows everything that is kept there."
        )
        put(session, row, _PAGE, _HEAD.format(title=escape(title), words=escape(words)).encode())
    elif number <= 2 * len(tables):
        one = tables[number - len(tables) - 1]
        put(session, row, _PAGE, _as_html(organisation, one, _rows(session, row, one)).encode())
    else:
        return False
    row.place = {"number": number + 1}
    return True


def _tables() -> list[Personal]:
    """The kinds in the order in which people ask: who they are, what is owed, what was said, the rest."""
    return [one for one in reversed(PERSONAL.values()) if one.with_it and _has_rows(one)]


def _has_rows(one: Personal) -> bool:
    return one.table != "text_stops"


def _columns(one: Personal) -> dict[str, str]:
    left_out = _NOT_THEIRS - ({"address"} if one.table in _ADDRESS_IS_THEIRS else set())
    return {name: words for name, words in explained.columns(one.rows).items() if name not in left_out}


def _about(organisation: Organisation, one: Personal) -> tuple[str, ...]:
    return (
        f"For: {one.for_}",
        f"From: {one.from_}",
        f"Kept: {retention.kept_words(organisation, one.table)}",
    )


def _rows(session: Session, row: DataExport, one: Personal) -> Sequence[Mapping[str, Any]]:
    keys = [column.name for column in whole_tables.keys(one.rows)]
    columns = list(dict.fromkeys([*_columns(one), *keys]))
    if row.person:
        return [{name: value[name] for name in columns} for value in _about_one(session, row).rows(one)]
    found = held_of.rows(session, one, row.organisation_id, row.contact_id or "", columns)
    return [dict(each) for each in found]


def _about_one(session: Session, row: DataExport) -> persons.About:
    """What is held of the one person whom an export is about."""
    contact = session.get_one(Contact, (row.organisation_id, row.contact_id))
    return persons.About(session, contact, persons.read(row.person or {}))


def _write_data(session: Session, row: DataExport, one: Personal, put: Put) -> None:
    found = [{name: value[name] for name in _columns(one)} for value in _rows(session, row, one)]
    put(
        session,
        row,
        f"{one.table}.json",
        json.dumps(found, default=_plain, ensure_ascii=False, indent=1).encode(),
    )
    row.done += len(found)
    for files in contents.FILES:
        if files.table == one.table:
            _write_files(session, row, one, files, put)


def _write_files(session: Session, row: DataExport, one: Personal, files: contents.Files, put: Put) -> None:
    keys = [column.name for column in whole_tables.keys(one.rows)]
    named = [files.named_by] if files.named_by else []
    about = (
        {tuple(one_[key] for key in keys) for one_ in _about_one(session, row).rows(one)}
        if row.person
        else None
    )
    for found in held_of.rows(
        session, one, row.organisation_id, row.contact_id or "", [*keys, *named, files.column]
    ):
        if about is not None and tuple(found[key] for key in keys) not in about:
            continue
        if found[files.column]:
            name = f" {file_name(found[files.named_by], 'file')}" if files.named_by else ""
            path = f"files/{one.table}/{'-'.join(str(found[key]) for key in keys)}{name}{files.ending}"
            put(session, row, path[:300], found[files.column])


def _as_html(organisation: Organisation, one: Personal, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    about = "<br>".join(escape(line) for line in _about(organisation, one))
    told = _columns(one)
    return f"<h2>{escape(one.is_.capitalize())}</h2><p>{about}</p>" + "".join(
        _as_list(told, row) for row in rows
    )


def _as_list(told: Mapping[str, str], row: Mapping[str, Any]) -> str:
    said = [(name, row[name]) for name in told if row[name] not in (None, "", [], {})]
    items = "".join(
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(_as_text(value))}</dd>" for name, value in said
    )
    return f"<dl>{items}</dl>"


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, dict)):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value
