"""Which histories of the ledger are to be read, and the notes of people that were read there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from store.models import Communication, CommunicationInvoice, Contact, HistoryReading, Invoice, Organisation
from store.models.ledger import OPEN
from store.queries import erasures
from store.queries.upsert import insert_new, upsert

_ROUND, _NO_DOCUMENT = "round", ""


@dataclass(frozen=True, slots=True)
class Document:
    """A contact or an invoice whose history is read; ``id`` is ours, ``ledger_id`` the ledger's."""

    target: str
    id: str
    ledger_id: str
    contact_id: str


def reading(session: Session, organisation_id: str, target: str, document_id: str) -> HistoryReading | None:
    """When the history of a document was read."""
    return session.get(HistoryReading, (organisation_id, target, document_id))


def want(session: Session, organisation_id: str, target: str, document_id: str, now: datetime) -> None:
    """Somebody waits for it. One that waits already, and was put off, stays put off."""
    row = {
        "organisation_id": organisation_id,
        "target": target,
        "document_id": document_id,
        "wanted_at": now,
        "next_try_at": now,
    }
    table = HistoryReading
    statement = upsert(session, table).values(row)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=[table.organisation_id, table.target, table.document_id],
            set_={
                "wanted_at": now,
                "next_try_at": case((table.next_try_at > now, table.next_try_at), else_=now),
            },
        )
    )


def organisations_due(session: Session, now: datetime, round_before: datetime) -> list[str]:
    """Connected organisations with a history that is wanted now, or that chase and had their last round before then."""
    table = HistoryReading
    wanted = select(table.document_id).where(
        table.organisation_id == Organisation.id, table.wanted_at.is_not(None), table.next_try_at <= now
    )
    had_round = select(table.document_id).where(
        table.organisation_id == Organisation.id, table.target == _ROUND, table.read_at > round_before
    )
    statement = select(Organisation.id).where(
        Organisation.connection == "connected",
        Organisation.imported_at.is_not(None),
        wanted.exists() | ((Organisation.chasing == "live") & ~had_round.exists()),
    )
    return list(session.scalars(statement.order_by(Organisation.id)))


def claim_wanted(session: Session, organisation_id: str, now: datetime, until: datetime) -> Document | None:
    """What somebody has waited for longest, which nobody else takes before ``until``; what is gone is forgotten."""
    found = session.scalars(
        select(HistoryReading)
        .where(
            HistoryReading.organisation_id == organisation_id,
            HistoryReading.wanted_at.is_not(None),
            HistoryReading.next_try_at <= now,
        )
        .order_by(HistoryReading.wanted_at, HistoryReading.target, HistoryReading.document_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if found is None:
        return None
    document = _document(session, organisation_id, found.target, found.document_id)
    if document is None:
        found.wanted_at = None
    found.next_try_at = until
    session.flush()
    return document


def _document(session: Session, organisation_id: str, target: str, document_id: str) -> Document | None:
    """The document, unless it is gone, or its customer was erased: then what people wrote there is not read again."""
    key = (organisation_id, document_id)
    found = session.get(Invoice, key) if target == "invoice" else session.get(Contact, key)
    if found is None:
        return None
    contact_id = found.contact_id if isinstance(found, Invoice) else found.id
    if erasures.is_erased(session, organisation_id, contact_id):
        return None
    return Document(target, found.id, found.ledger_id, contact_id)


def begin_round(session: Session, organisation_id: str, now: datetime, before: datetime) -> bool:
    """Whether the last round was before then; a new one has begun, for us alone."""
    row = {
        "organisation_id": organisation_id,
        "target": _ROUND,
        "document_id": _NO_DOCUMENT,
        "read_at": now,
        "next_try_at": now,
    }
    table = HistoryReading
    begun = session.connection().execute(
        upsert(session, table)
        .values(row)
        .on_conflict_do_update(
            index_elements=[table.organisation_id, table.target, table.document_id],
            set_={"read_at": now},
            where=table.read_at <= before,
        )
        .returning(table.document_id)
    )
    return begun.first() is not None


def longest_unread(session: Session, organisation_id: str, before: datetime) -> Document | None:
    """The customer with open invoices and a message from us whose history was read longest ago, and before then."""
    owes = select(Invoice.id).where(
        Invoice.organisation_id == Contact.organisation_id, Invoice.contact_id == Contact.id, OPEN
    )
    statement = (
        select(Contact.id, Contact.ledger_id)
        .outerjoin(
            HistoryReading,
            (HistoryReading.organisation_id == Contact.organisation_id)
            & (HistoryReading.target == "contact")
            & (HistoryReading.document_id == Contact.id),
        )
        .where(
            Contact.organisation_id == organisation_id,
            Contact.last_message_at.is_not(None),
            HistoryReading.read_at.is_(None) | (HistoryReading.read_at < before),
            owes.exists(),
        )
        .order_by(
            HistoryReading.read_at.is_not(None),
            HistoryReading.read_at,
            Contact.last_message_at.desc(),
            Contact.id,
        )
        .limit(1)
    )
    row = session.execute(statement).one_or_none()
    return Document("contact", row[0], row[1], row[0]) if row else None


def put_off(session: Session, organisation_id: str, at: datetime, problem: str) -> None:
    """Nothing that is wanted is read before then."""
    session.connection().execute(
        update(HistoryReading)
        .where(HistoryReading.organisation_id == organisation_id, HistoryReading.wanted_at.is_not(None))
        .values(next_try_at=at, problem=problem)
    )


def was_read(
    session: Session, organisation_id: str, document: Document, now: datetime, problem: str | None
) -> None:
    """Nobody waits for it any more."""
    row = {
        "organisation_id": organisation_id,
        "target": document.target,
        "document_id": document.id,
        "wanted_at": None,
        "read_at": now,
        "next_try_at": now,
        "problem": problem,
    }
    table = HistoryReading
    told = {name: row[name] for name in ("wanted_at", "read_at", "next_try_at", "problem")}
    session.connection().execute(
        upsert(session, table)
        .values(row)
        .on_conflict_do_update(
            index_elements=[table.organisation_id, table.target, table.document_id], set_=told
        )
    )


def add_notes(session: Session, rows: Sequence[dict[str, Any]], document: Document) -> None:
    """Notes of people; those that are known already stay as they are."""
    if not rows:
        return
    session.connection().execute(insert_new(session, Communication), list(rows))
    if document.target != "invoice":
        return
    invoice = session.get_one(Invoice, (rows[0]["organisation_id"], document.id))
    about = [
        {
            "organisation_id": row["organisation_id"],
            "communication_id": row["id"],
            "invoice_id": invoice.id,
            "currency": invoice.currency,
            "amount_due": invoice.amount_due,
        }
        for row in rows
    ]
    session.connection().execute(insert_new(session, CommunicationInvoice), about)
