"""Taking away what is held of a customer.

Which tables there are, and what becomes of their rows, is ``store.personal``. What is erased is not noted in the audit
log row by row: it is one act of one person, which is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    String,
    Table,
    and_,
    cast,
    delete,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON, LargeBinary

from store.append_only import EMPTIED
from store.audit import UNNOTED
from store.found_by import invoice_words
from store.models import (
    AuditEntry,
    Base,
    Communication,
    Contact,
    InboxEvent,
    Invoice,
    TextStop,
)
from store.models.inbox import PARKED
from store.personal.table import Personal
from store.queries import chasers, held_of, whole_tables
from store.queries.erasures import ERASED, NAME
from store.queries.upsert import upsert
from store.texting import stop_mark

_AT_ONCE = 500
_NOT_WRITTEN_TO = "The customer was erased."
_LONG_ENOUGH = 16
"""Characters of an id or token by which a payload is told to be about a message."""
_SHORTEST = 3
"""Characters of a word that is looked for among what names no customer."""


def cancel_waiting(session: Session, organisation_id: str, contact_id: str) -> None:
    """Nothing leaves to this customer any more."""
    waiting = select(Communication.id).where(
        Communication.organisation_id == organisation_id,
        Communication.contact_id == contact_id,
        Communication.status.in_(("planned", "held")),
    )
    chasers.cancel(session, organisation_id, dict.fromkeys(session.scalars(waiting), _NOT_WRITTEN_TO))


def remove_some(session: Session, of_: Personal, organisation_id: str, contact_id: str) -> int:
    """Remove some hundred of the rows about a customer; how many there were."""
    order = whole_tables.keys(of_.rows)
    whose = held_of.rows_of(of_, organisation_id, contact_id)
    if not order:
        return run(session, delete(of_.rows).where(whose))
    chosen = list(session.execute(select(*order).where(whose).order_by(*order).limit(_AT_ONCE)))
    return _remove(session, of_.rows, organisation_id, [tuple(one) for one in chosen])


def empty(session: Session, of_: Personal, organisation_id: str, contact_id: str) -> int:
    """Empty the personal columns of the rows about a customer; how many there were."""
    if not of_.emptied:
        return 0
    whose = held_of.rows_of(of_, organisation_id, contact_id)
    return run(session, update(of_.rows).where(whose).values(nothing_in(of_, of_.emptied)))


def empty_signatures(
    session: Session, of_: Personal, organisation_id: str, contact_id: str, names: Collection[str]
) -> int:
    """Where one of the customer's people did something, and no colleague, take the name away."""
    said, table = matcher(names), of_.rows
    done = 0
    for row in (
        session.execute(select(table).where(held_of.rows_of(of_, organisation_id, contact_id)))
        .mappings()
        .all()
    ):
        theirs = {name: EMPTIED for name in sorted(of_.signed) if said(row[name])}
        if theirs:
            done += run(session, update(table).where(_this(table, row)).values(theirs))
    return done


def empty_where_said(session: Session, of_: Personal, organisation_id: str, words: Collection[str]) -> int:
    """Remove or empty the rows of a table that name no customer but say one of these words; how many there were."""
    said, table = matcher(words), of_.rows
    done = 0
    for row in _all(session, table, organisation_id):
        if not any(said(row[column.name]) for column in table.columns):
            continue
        done += run(
            session,
            delete(table).where(_this(table, row))
            if of_.goes
            else update(table).where(_this(table, row)).values(nothing_in(of_, of_.emptied)),
        )
    return done


def remove_strays(session: Session, organisation_id: str, contact_id: str, words: Collection[str]) -> int:
    """Remove mails that the customer's people wrote, and the customer from what is proposed for others."""
    said, done = matcher(words), 0
    for row in _all(session, whole_tables.table("stray_mails"), organisation_id):
        theirs = said(row["from_email"]) or said(row["payload"]) or said(row["body_text"])
        mine = (
            session.get(Communication, (organisation_id, row["communication_id"]))
            if row["communication_id"]
            else None
        )
        this = _this(whole_tables.table("stray_mails"), row)
        if theirs or (mine is not None and mine.contact_id == contact_id):
            done += run(session, delete(whole_tables.table("stray_mails")).where(this))
        elif any(one.get("contact_id") == contact_id for one in row["suggestions"]):
            left = [one for one in row["suggestions"] if one.get("contact_id") != contact_id]
            done += run(
                session, update(whole_tables.table("stray_mails")).where(this).values(suggestions=left)
            )
    return done


def hide_numbers(session: Session, organisation_id: str, numbers: Collection[str]) -> int:
    """Keep a digest in the place of each of these numbers that get no texts, so that they still get none."""
    done = 0
    stops = select(TextStop).where(
        TextStop.organisation_id == organisation_id, TextStop.number.in_(sorted(numbers))
    )
    for one in session.scalars(stops).all():
        row = {
            "organisation_id": organisation_id,
            "number": stop_mark(organisation_id, one.number),
            "reason": "Whoever had this number wanted no texts.",
            "since": one.since,
        }
        session.connection().execute(
            upsert(session, TextStop).on_conflict_do_nothing().execution_options(**{UNNOTED: True}), row
        )
        done += run(
            session,
            delete(whole_tables.table("text_stops")).where(
                _this(
                    whole_tables.table("text_stops"),
                    {"organisation_id": organisation_id, "number": one.number},
                )
            ),
        )
    return done


def empty_entries(
    session: Session, organisation_id: str, contact_id: str | None, words: Collection[str]
) -> int:
    """Empty what is personal in the entries of the audit log about a customer, by its guarded door.

    Without a customer: in the entries, about whatever, that say one of the words.
    """
    said, table = matcher(words), whole_tables.table("audit_entries")
    about = rows_of_entries(session, organisation_id, contact_id or "", words)
    done = 0
    for row in session.execute(select(table).where(about)).mappings().all():
        nobody_of_ours = row["person_id"] is None and (
            (contact_id and row["via"] == "customer") or said(row["who"])
        )
        values: dict[str, Any] = {"who": EMPTIED, "address": null()} if nobody_of_ours else {}
        values |= {name: null() for name in ("subject_id", "before", "after") if said(row[name])}
        if values:
            done += run(session, update(table).where(table.c.id == row["id"]).values(values))
    return done


def rows_of_entries(
    session: Session, organisation_id: str, contact_id: str, words: Collection[str]
) -> ColumnElement[bool]:
    """The entries that are about a customer, or say one of these words."""
    invoices = select(Invoice.id).where(
        Invoice.organisation_id == organisation_id, Invoice.contact_id == contact_id
    )
    plain = session.get_bind().dialect.name == "postgresql"
    texts = [AuditEntry.who, AuditEntry.subject_id]
    jsons = [cast(AuditEntry.before, String), cast(AuditEntry.after, String)]
    holding: list[ColumnElement[bool]] = []
    for word in sorted(words):
        # SQLite keeps JSON with its letters beyond ASCII escaped; PostgreSQL has them as they are.
        stored = json.dumps(word, ensure_ascii=not plain)[1:-1]
        holding += [func.coalesce(one, "").icontains(word, autoescape=True) for one in texts]
        holding += [func.coalesce(one, "").icontains(stored, autoescape=True) for one in jsons]
    return and_(
        AuditEntry.organisation_id == organisation_id,
        or_(AuditEntry.contact_id == contact_id, AuditEntry.invoice_id.in_(invoices), *holding),
    )


def forget_news(session: Session, organisation_id: str, contact_id: str, words: Collection[str]) -> int:
    """What was told of the customer's messages, or written by its people, where it was kept after it was done.

    What nobody could handle may be another organisation's: of that only what names a message of ours goes.
    """
    mine = select(
        Communication.id, Communication.reply_token, Communication.message_id, Communication.provider_id
    )
    theirs = session.execute(
        mine.where(Communication.organisation_id == organisation_id, Communication.contact_id == contact_id)
    )
    by_mark = _payloads_with(one for row in theirs for one in row)
    by_either = matcher(words)
    last = done = 0
    while found := session.execute(_payloads_behind(last)).all():
        last = found[-1].id
        ids = [
            row.id
            for row in found
            if by_mark(row.payload) or (not _is_parked(row.outcome) and by_either(row.payload))
        ]
        if ids:
            table = whole_tables.table("inbox_events")
            done += run(session, update(table).where(table.c.id.in_(ids)).values(payload=b""))
    return done


def _payloads_behind(last: int) -> Select[int, bytes, str | None]:
    there = select(InboxEvent.id, InboxEvent.payload, InboxEvent.outcome)
    handled = there.where(InboxEvent.id > last, InboxEvent.handled_at.is_not(None), InboxEvent.payload != b"")
    return handled.order_by(InboxEvent.id).limit(_AT_ONCE)


def _is_parked(outcome: str | None) -> bool:
    return (outcome or "").startswith(PARKED)


def _payloads_with(marks: Iterable[str | None]) -> Callable[[bytes], bool]:
    known = [re.escape(one.encode()) for one in marks if one and len(one) >= _LONG_ENOUGH]
    pattern = re.compile(b"|".join(known)) if known else None
    return lambda payload: pattern is not None and pattern.search(payload) is not None


def refind_invoices(session: Session, organisation_id: str, contact_id: str) -> None:
    """Have invoices found by their numbers again, which are all that is left to find them by."""
    mine = select(Invoice).where(Invoice.organisation_id == organisation_id, Invoice.contact_id == contact_id)
    for one in session.scalars(mine):
        one.found_by = invoice_words({"number": one.number, "reference": None})


def name_erased(session: Session, organisation_id: str, contact_id: str) -> None:
    """What is left of the customer: a row by which the ledger's documents are told to be its own."""
    run(
        session,
        update(whole_tables.table("contacts"))
        .where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
        .values(name=NAME, status=ERASED, next_look_at=None),
    )


def _all(session: Session, table: Table, organisation_id: str) -> Iterator[RowMapping]:
    after: list[Any] | None = None
    while True:
        found = whole_tables.rows_after(session, table, list(table.columns), organisation_id, after, _AT_ONCE)
        yield from found
        order = whole_tables.keys(table)
        if len(found) < _AT_ONCE or not order:
            return
        after = [found[-1][one.name] for one in order]


def _this(table: Table, row: Mapping[str, Any] | RowMapping) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key))


def _remove(session: Session, table: Table, organisation_id: str, keys: Sequence[tuple[Any, ...]]) -> int:
    if not keys:
        return 0
    order = whole_tables.keys(table)
    chosen: ColumnElement[bool] = (
        order[0].in_([one[0] for one in keys]) if len(order) == 1 else tuple_(*order).in_(keys)
    )
    if whole_tables.OWNER in table.columns:
        chosen = and_(table.c[whole_tables.OWNER] == organisation_id, chosen)
    return run(session, delete(table).where(chosen))


def run(session: Session, statement: Any) -> int:
    """Carry out a statement that the audit log does not note row by row; how many rows it changed."""
    result: CursorResult[Any] = session.connection().execute(statement.execution_options(**{UNNOTED: True}))
    return result.rowcount


def nothing_in(of_: Personal, names: Iterable[str]) -> dict[str, Any]:
    """What stands in emptied columns: nothing at all where that may be, else nothing of their kind."""
    found: dict[str, Any] = {}
    for name in names:
        column = of_.rows.c[name]
        if column.nullable:
            found[name] = null()
        elif isinstance(column.type, JSON):
            found[name] = [] if _is_list(of_.table, name) else {}
        elif isinstance(column.type, LargeBinary):
            found[name] = b""
        else:
            found[name] = "" if name == "fingerprint" else EMPTIED
    return found


def _is_list(table: str, name: str) -> bool:
    model = next(one.class_ for one in Base.registry.mappers if one.local_table.name == table)  # type: ignore[attr-defined]
    return "list[" in str(model.__annotations__[name])


def matcher(words: Collection[str]) -> Any:
    """Whether a value says one of these words, by itself and not within another word."""
    known = sorted({one.strip() for one in words if len(one.strip()) >= _SHORTEST}, key=len, reverse=True)
    if not known:
        return lambda _: False
    both = {*known, *(json.dumps(one)[1:-1] for one in known)}
    pattern = re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(both, key=len, reverse=True)))})(?!\w)", re.IGNORECASE
    )

    def said(value: Any) -> bool:
        if value is None:
            return False
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        return bool(
            pattern.search(
                value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
            )
        )

    return said
