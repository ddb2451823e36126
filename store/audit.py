"""The audit log is written where the database is: whatever changes a watched row is noted in the same transaction.

A use case that forgets to say what it did is noted all the same. What sessions flush tells its own history; a statement
that changes rows past them is looked at before and after it has run ([ADR 21](docs/adr/0021-audit-log.md)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Delete,
    Engine,
    Insert,
    Table,
    Update,
    event,
    insert,
    inspect,
    select,
    tuple_,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.state import InstanceState

from kit import clock
from kit.acting import acting
from kit.ids import new_id
from store.audited import AUDITED, Audited, as_json, entries_of
from store.models import AuditEntry

ADDED: Final = "added"
CHANGED: Final = "changed"
REMOVED: Final = "removed"
HIDDEN: Final = "changed"
"""Stands for a value that must not be seen."""

_CONNECTION = "dunnock.connection"
_FLUSHING = "dunnock.flushing"
_WHOSE = "dunnock.whose"
_RANK = "dunnock.rank"
_LOOKED_AT = "dunnock.looked_at"
_AT_ONCE = 200
"""So many rows are looked for by one statement."""

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class _Change:
    """What became of one row; None on a side: it was not there."""

    of: Audited
    before: Row | None
    after: Row | None


UNNOTED: Final = "dunnock_unnoted"
"""Option of a statement that deletes an organisation: its log goes with it, so nothing is noted there."""


def note_act(
    session: Session,
    organisation_id: str | None,
    *,
    act: str,
    about: str,
    about_id: str | None = None,
    contact_id: str | None = None,
    invoice_id: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note an act that changes no row that is watched: a sign-in, an export, a release; within the caller's change.

    ``act`` and ``about`` are words of ``services.audit_words``.
    """
    told = {
        "organisation_id": organisation_id,
        "act": act,
        "subject": about,
        "subject_id": about_id,
        "contact_id": contact_id,
        "invoice_id": invoice_id,
        "before": as_json(dict(before)) if before is not None else None,
        "after": as_json(dict(after)) if after is not None else None,
    }
    _write(session.connection(), [told])


def note_acts(
    session: Session,
    organisation_ids: Sequence[str | None],
    *,
    act: str,
    about: str,
    about_id: str | None = None,
) -> None:
    """Note the same act in the logs of several organisations (None: of none), by one statement."""
    told = {
        "act": act,
        "subject": about,
        "subject_id": about_id,
        "contact_id": None,
        "invoice_id": None,
        "before": None,
        "after": None,
    }
    _write(session.connection(), [{**told, "organisation_id": one} for one in organisation_ids])


def listen(sessions: type[Session]) -> None:
    """Have every change noted that sessions of this kind make."""
    event.listen(sessions, "after_begin", _begin)
    event.listen(sessions, "before_flush", _flush_begins)
    event.listen(sessions, "after_flush", _flushed)
    event.listen(sessions, "after_soft_rollback", _rolled_back)


def watch(engine: Engine) -> None:
    """Have every statement noted that changes watched rows past the sessions."""
    event.listen(engine, "before_execute", _look_before)
    event.listen(engine, "after_execute", _look_after)


def _begin(session: Session, _transaction: Any, connection: Connection) -> None:
    session.info[_CONNECTION] = connection
    connection.info[_WHOSE] = getattr(session, "organisation_id", None)
    connection.info[_FLUSHING] = False
    connection.info[_RANK] = 0
    connection.info.pop(_LOOKED_AT, None)


def _is_for_writing(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("dunnock_write"))


def _flush_begins(session: Session, *_: Any) -> None:
    session.connection().info[_FLUSHING] = True


def _rolled_back(session: Session, _transaction: Any) -> None:
    """Also after a part was rolled back: the flush that failed is over.

    The session itself must not be asked for its connection here, because the part may be just about to end.
    """
    connection: Connection | None = session.info.get(_CONNECTION)
    if connection is not None and not connection.closed:
        connection.info[_FLUSHING] = False


def _flushed(session: Session, _context: Any) -> None:
    connection = session.connection()
    connection.info[_FLUSHING] = False
    if _is_for_writing(connection):
        _note(connection, _of_the_flush(session))


def _of_the_flush(session: Session) -> Iterator[_Change]:
    for row in session.new:
        if of := _audited(row):
            yield _Change(of, None, _values(inspect(row)))
    for row in session.dirty:
        if (of := _audited(row)) and (before := _before(of, inspect(row))):
            after = _values(inspect(row))
            yield _Change(of, {**after, **before}, after)
    for row in session.deleted:
        if of := _audited(row):
            state = inspect(row)
            yield _Change(of, {**_values(state), **_before(of, state)}, None)


def _audited(row: Any) -> Audited | None:
    return AUDITED.get(row.__tablename__)


def _values(state: InstanceState[Any]) -> Row:
    """What is known of a row, by the names of its columns, without asking the database."""
    return {
        prop.columns[0].key: state.dict[prop.key]
        for prop in state.mapper.column_attrs
        if prop.key in state.dict
    }


def _before(of: Audited, state: InstanceState[Any]) -> Row:
    """The old values of the watched columns that have changed."""
    found = {}
    for prop in state.mapper.column_attrs:
        name = prop.columns[0].key
        if name in of.watched and (history := state.attrs[prop.key].history).has_changes():
            found[name] = history.deleted[0] if history.deleted else None
    return found


@dataclass(frozen=True)
class _LookedAt:
    """A statement that is about to run, and the rows that it is about, as they stood."""

    statement: Any
    of: Audited
    before: dict[Key, Row]
    keys: list[Key]


def _look_before(connection: Connection, statement: Any, many: Any, one: Any, _options: Any) -> None:
    of = _of(statement)
    if of is None or connection.info.get(_FLUSHING) or not _is_for_writing(connection):
        return
    given = list(many) or [one]
    if not _matters(of, statement, given):
        return
    if isinstance(statement, Insert):
        keys = [_key(of, row) for row in _inserted(statement, given)]
        before = _by_key(of, _found(connection, of, keys))
    else:
        chosen = select(*of.rows.columns).where(
            *([] if statement.whereclause is None else [statement.whereclause])
        )
        rows = [dict(row) for values in given for row in connection.execute(chosen, values).mappings()]
        before = _by_key(of, rows)
        keys = list(before)
    connection.info[_LOOKED_AT] = _LookedAt(statement, of, before, keys)


def _of(statement: Any) -> Audited | None:
    """How the table is watched that a statement changes; None: it changes none, or none that is watched."""
    if not isinstance(statement, Insert | Update | Delete) or not isinstance(statement.table, Table):
        return None
    if statement.get_execution_options().get(UNNOTED):
        return None
    return AUDITED.get(statement.table.name)


def _look_after(
    connection: Connection, statement: Any, _many: Any, _one: Any, _options: Any, _result: Any
) -> None:
    looked: _LookedAt | None = connection.info.get(_LOOKED_AT)
    if looked is None or looked.statement is not statement:
        return
    del connection.info[_LOOKED_AT]
    gone = isinstance(statement, Delete)
    after = {} if gone else _by_key(looked.of, _found(connection, looked.of, looked.keys))
    _note(connection, (_Change(looked.of, looked.before.get(key), after.get(key)) for key in looked.keys))


def _matters(of: Audited, statement: Any, given: Sequence[Row]) -> bool:
    """Whether the statement can change anything that is noted, told without asking the database."""
    if of.of_people and acting().via == "clock":
        return False
    if isinstance(statement, Insert):
        return not of.comes_by_itself
    if isinstance(statement, Update):
        return not of.watched.isdisjoint({*_said(statement), *given[0]})
    return True


def _inserted(statement: Insert, given: Sequence[Row]) -> Iterator[Row]:
    """The values of the rows that a statement adds; ``RuntimeError`` for one of which they cannot be told."""
    fixed = _said(statement)
    if statement.select is not None or not (fixed or given[0]):
        raise RuntimeError("rows of a watched table are added by their values")
    for row in given:
        yield {**fixed, **row}


def _said(statement: Any) -> Row:
    """The values that a statement itself says, by the names of their columns; SQLAlchemy has no public way to ask."""
    values = statement._values or {}  # noqa: SLF001
    return {
        getattr(column, "key", column): getattr(value, "value", value) for column, value in values.items()
    }


def _key(of: Audited, row: Row) -> Key:
    return tuple(row[column.key] for column in of.rows.primary_key)


def _by_key(of: Audited, rows: Iterable[Row]) -> dict[Key, Row]:
    return {_key(of, row): row for row in rows}


def _found(connection: Connection, of: Audited, keys: Sequence[Key]) -> Iterator[Row]:
    for start in range(0, len(keys), _AT_ONCE):
        named = tuple_(*of.rows.primary_key).in_(keys[start : start + _AT_ONCE])
        for row in connection.execute(select(*of.rows.columns).where(named)).mappings():
            yield dict(row)


def _note(connection: Connection, changes: Iterable[_Change]) -> None:
    told = [entry for change in changes if (entry := _entry(connection, change))]
    if told:
        _write(connection, told)


def _entry(connection: Connection, change: _Change) -> Row | None:
    """What the log says of a change; None where it says nothing."""
    of, before, after = change.of, change.before, change.after
    if of.of_people and acting().via == "clock":
        return None
    if before is None:
        if after is None or of.comes_by_itself:
            return None
        was = _version_before(connection, of, after)
        return _told(
            of, CHANGED if was else ADDED, after, *(_difference(of, was, after) if was else (None, after))
        )
    if after is None:
        return _told(of, REMOVED, before, before, None)
    was, now = _difference(of, before, after)
    return _told(of, CHANGED, after, was, now) if was or now else None


def _difference(of: Audited, before: Row, after: Row) -> tuple[Row, Row]:
    """The watched values that differ, as they were and as they are."""
    differ = {name for name in of.watched if before.get(name) != after.get(name)}
    return {name: before.get(name) for name in differ}, {name: after.get(name) for name in differ}


def _version_before(connection: Connection, of: Audited, row: Row) -> Row | None:
    if not of.versions_of or row["number"] == 1:
        return None
    columns = of.rows.columns
    same = [columns[name] == row[name] for name in (*of.versions_of, "organisation_id")]
    found = connection.execute(
        select(*columns)
        .where(*same, columns["number"] < row["number"])
        .order_by(columns["number"].desc())
        .limit(1)
    ).mappings()
    return next((dict(row) for row in found), None)


def _told(of: Audited, act: str, row: Row, before: Row | None, after: Row | None) -> Row:
    whole = act in (ADDED, REMOVED)
    return {
        "organisation_id": row["id"] if of.table == "organisations" else row.get("organisation_id"),
        "act": act,
        "subject": of.subject,
        "subject_id": _id_of(of, row),
        "contact_id": row.get("id") if of.table == "contacts" else row.get("contact_id"),
        "invoice_id": row.get("invoice_id"),
        "before": _shown(of, before, whole),
        "after": _shown(of, after, whole),
    }


def _shown(of: Audited, values: Row | None, whole: bool) -> Row | None:
    if values is None:
        return None
    if whole:
        return entries_of(values, of.watched, of)
    return {
        name: HIDDEN if of.hides(name) and value is not None else as_json(value)
        for name, value in sorted(values.items())
    }


def _id_of(of: Audited, row: Row) -> str | None:
    if of.about:
        return str(row[of.about])
    own = [str(row[column.key]) for column in of.rows.primary_key if column.key != "organisation_id"]
    return " ".join(own) or None


def _write(connection: Connection, told: Sequence[Row]) -> None:
    """Write entries, by one statement however many they are."""
    who, now, whose = acting(), clock.now(), connection.info.get(_WHOSE)
    first = connection.info.get(_RANK, 0)
    connection.info[_RANK] = first + len(told)
    rows = [
        {
            **one,
            "organisation_id": one["organisation_id"] or whose,
            "id": f"{rank:06x}{new_id()[6:]}",
            "at": now,
            "who": who.name,
            "person_id": who.person_id,
            "via": who.via,
            "practice_id": who.practice_id,
            "address": who.address,
        }
        for rank, one in enumerate(told, start=first)
    ]
    connection.execute(insert(AuditEntry), rows)
