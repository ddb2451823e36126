"""The mirror of the ledger: reading what is known of a batch of documents, and writing what is new of it.

Rows are plain dictionaries of column values, because an import writes thousands. Every batch is written in
the order of its ids, and under ``lock``, so that two writers of one organisation never wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Select, Table, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.models import Allocation, Contact, Credit, Invoice, Organisation, Payment, Quote, SweepMark
from store.models.ledger import OPEN
from store.queries import foresights

Row = dict[str, Any]

_CHUNK = 500
"""Ids named in one statement."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the mirror already holds of a document."""

    fingerprint: str
    updated_at: datetime
    status: str
    contact_id: str | None


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the mirror already holds of an invoice's sums."""

    due: Decimal
    paid: Decimal
    credited: Decimal


def lock(session: Session, organisation_id: str) -> None:
    """Make other writers of this organisation's mirror wait until this transaction ends (SQLite has one writer anyway)."""
    session.execute(
        select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    )


def home_country(session: Session, organisation_id: str) -> str | None:
    """Where the organisation is, as the ledger says (ISO 3166); None: it does not."""
    return session.scalar(select(Organisation.country).where(Organisation.id == organisation_id)) or None


def is_imported(session: Session, organisation_id: str) -> bool:
    """Whether the ledger has been read once from end to end."""
    imported_at = session.scalar(select(Organisation.imported_at).where(Organisation.id == organisation_id))
    return imported_at is not None


def known_contacts(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Known]:
    """What is known of these contacts, by id; a contact is its own contact."""
    columns = select(Contact.id, Contact.fingerprint, Contact.updated_at, Contact.status, Contact.id)
    return _known(session, columns, Contact.organisation_id == organisation_id, Contact.id, ids)


def known_invoices(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Known]:
    """What is known of these invoices, by id."""
    columns = select(Invoice.id, Invoice.fingerprint, Invoice.updated_at, Invoice.status, Invoice.contact_id)
    return _known(session, columns, Invoice.organisation_id == organisation_id, Invoice.id, ids)


def amounts(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Amounts]:
    """The sums of these invoices as they are known, by id."""
    columns = select(Invoice.id, Invoice.amount_due, Invoice.amount_paid, Invoice.amount_credited)
    found: dict[str, Amounts] = {}
    for chunk in _chunks(ids):
        rows = session.connection().execute(
            columns.where(Invoice.organisation_id == organisation_id, Invoice.id.in_(chunk))
        )
        found.update((row[0], Amounts(*row[1:])) for row in rows)
    return found


def known_credits(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Known]:
    """What is known of these credits, by id."""
    columns = select(Credit.id, Credit.fingerprint, Credit.updated_at, Credit.status, Credit.contact_id)
    return _known(session, columns, Credit.organisation_id == organisation_id, Credit.id, ids)


def known_payments(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Known]:
    """What is known of these payments, by id."""
    columns = select(Payment.id, Payment.fingerprint, Payment.updated_at, Payment.status, Payment.contact_id)
    return _known(session, columns, Payment.organisation_id == organisation_id, Payment.id, ids)


def known_quotes(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Known]:
    """What is known of these quotes, by id."""
    columns = select(Quote.id, Quote.fingerprint, Quote.updated_at, Quote.status, Quote.contact_id)
    return _known(session, columns, Quote.organisation_id == organisation_id, Quote.id, ids)


def add_stub_contacts(session: Session, rows: Sequence[Row]) -> None:
    """Contacts of which only id and name are known yet; those that exist stay as they are."""
    _execute_many(session, _insert(Contact.__table__, session).on_conflict_do_nothing(), rows)


def write_contacts(session: Session, rows: Sequence[Row]) -> None:
    """Insert or overwrite contacts, unless the mirror holds something newer. The same holds for the four below."""
    _upsert(session, Contact.__table__, rows)


def write_invoices(session: Session, rows: Sequence[Row]) -> None:
    _upsert(session, Invoice.__table__, rows)


def replace_allocations(
    session: Session, organisation_id: str, invoice_ids: Collection[str], rows: Sequence[Row]
) -> None:
    """The allocations of these invoices are ``rows`` and nothing else."""
    for ids in _chunks(invoice_ids):
        session.execute(
            delete(Allocation)
            .where(Allocation.organisation_id == organisation_id, Allocation.invoice_id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    _execute_many(session, _insert(Allocation.__table__, session), rows)


def write_credits(session: Session, rows: Sequence[Row]) -> None:
    _upsert(session, Credit.__table__, rows)


def write_payments(session: Session, rows: Sequence[Row]) -> None:
    _upsert(session, Payment.__table__, rows)


def write_quotes(session: Session, rows: Sequence[Row]) -> None:
    _upsert(session, Quote.__table__, rows)


def look_again(session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime) -> None:
    """The rules shall look at these contacts now, unless they were going to anyway."""
    for ids in _chunks(contact_ids):
        session.execute(
            update(Contact)
            .where(
                Contact.organisation_id == organisation_id,
                Contact.id.in_(ids),
                or_(Contact.next_look_at.is_(None), Contact.next_look_at > now),
            )
            .values(next_look_at=now)
            .execution_options(synchronize_session=False)
        )
        foresights.forget(session, organisation_id, ids)


def use_up_credits(
    session: Session, organisation_id: str, still_open: Collection[str], asked_at: datetime, word: str
) -> set[str]:
    """Credits that were open before the ledger was asked, and that its full list lacks, have nothing left.

    Returns the contacts concerned. A credit that came in between (``mirrored_at`` later) is left alone.
    """
    lacking = session.execute(
        select(Credit.id, Credit.contact_id).where(
            Credit.organisation_id == organisation_id, Credit.remaining != 0, Credit.mirrored_at <= asked_at
        )
    ).all()
    used = {key: contact_id for key, contact_id in lacking if key not in still_open}
    for ids in _chunks(used):
        session.execute(
            update(Credit)
            .where(Credit.organisation_id == organisation_id, Credit.id.in_(ids))
            .values(remaining=0, status=word, fingerprint="", mirrored_at=asked_at)
            .execution_options(synchronize_session=False)
        )
    return set(used.values())


def strangers(session: Session, organisation_id: str, never_asked: datetime, limit: int) -> list[str]:
    """Ledger ids of contacts that only an invoice or a credit has told us of, and that were never asked for."""
    return list(
        session.scalars(
            select(Contact.ledger_id)
            .where(
                Contact.organisation_id == organisation_id,
                Contact.status == "STUB",
                Contact.updated_at == never_asked,
            )
            .limit(limit)
        )
    )


def mark_asked(session: Session, organisation_id: str, ledger_ids: Collection[str], mark: datetime) -> None:
    """These contacts were asked for; those that the ledger did not return are not asked for again and again.

    ``mark`` stands as their time of change: before any real one, so that whatever comes later is taken over.
    """
    session.execute(
        update(Contact)
        .where(
            Contact.organisation_id == organisation_id,
            Contact.ledger_id.in_(ledger_ids),
            Contact.status == "STUB",
        )
        .values(updated_at=mark)
        .execution_options(synchronize_session=False)
    )


def clear_marks(session: Session, organisation_id: str, resource: str) -> None:
    """Forget what a sweep has seen."""
    session.execute(
        delete(SweepMark)
        .where(SweepMark.organisation_id == organisation_id, SweepMark.resource == resource)
        .execution_options(synchronize_session=False)
    )


def mark_seen(session: Session, organisation_id: str, resource: str, ids: Collection[str]) -> None:
    """The sweep under way has seen these documents, or has asked for them by id."""
    rows = [
        {"organisation_id": organisation_id, "resource": resource, "document_id": key} for key in sorted(ids)
    ]
    _execute_many(session, _insert(SweepMark.__table__, session).on_conflict_do_nothing(), rows)


def unseen_open_invoices(session: Session, organisation_id: str, resource: str, limit: int) -> list[str]:
    """Ledger ids of invoices that are open in the mirror and that the sweep has not seen."""
    return list(
        session.scalars(
            select(Invoice.ledger_id)
            .where(
                Invoice.organisation_id == organisation_id,
                OPEN,
                ~_marked(organisation_id, resource, Invoice.id),
            )
            .order_by(Invoice.id)
            .limit(limit)
        )
    )


def unseen_owing_contacts(session: Session, organisation_id: str, resource: str, limit: int) -> list[str]:
    """Ledger ids of contacts that owe something and that the sweep has not seen."""
    owing = (
        select(Invoice.id)
        .where(Invoice.organisation_id == organisation_id, Invoice.contact_id == Contact.id, OPEN)
        .correlate(Contact)
        .exists()
    )
    return list(
        session.scalars(
            select(Contact.ledger_id)
            .where(
                Contact.organisation_id == organisation_id,
                owing,
                ~_marked(organisation_id, resource, Contact.id),
            )
            .order_by(Contact.id)
            .limit(limit)
        )
    )


def _marked(organisation_id: str, resource: str, document_id: Any) -> ColumnElement[bool]:
    return (
        select(SweepMark.document_id)
        .where(
            SweepMark.organisation_id == organisation_id,
            SweepMark.resource == resource,
            SweepMark.document_id == document_id,
        )
        .exists()
    )


def _known(
    session: Session,
    columns: Select[*tuple[Any, ...]],
    owner: ColumnElement[bool],
    key: Any,
    ids: Collection[str],
) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for chunk in _chunks(ids):
        rows = session.connection().execute(columns.where(owner, key.in_(chunk)))
        found.update((row[0], Known(*row[1:])) for row in rows)
    return found


def _upsert(session: Session, table: Any, rows: Sequence[Row]) -> None:
    if rows:
        _execute_many(session, _upsert_statement(table, tuple(rows[0]), _dialect(session).name), rows)


@cache
def _upsert_statement(table: Table, columns: tuple[str, ...], dialect: str) -> Any:
    """Without RETURNING, which costs five times as much on PostgreSQL."""
    insert = _INSERTS[dialect](table)
    keys = [column.name for column in table.primary_key]
    return insert.on_conflict_do_update(
        index_elements=keys,
        set_={name: insert.excluded[name] for name in columns if name not in keys},
        where=table.c.updated_at <= insert.excluded.updated_at,
    )


def _execute_many(session: Session, statement: Any, rows: Sequence[Row]) -> None:
    if rows:
        session.connection().execute(statement, list(rows))


_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def _insert(table: Any, session: Session) -> Any:
    return _INSERTS[_dialect(session).name](table)


def _dialect(session: Session) -> Dialect:
    return session.get_bind().dialect


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
