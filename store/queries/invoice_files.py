"""The ledger's PDFs of invoices, kept as of one change of the invoice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from store.among import among
from store.models import Invoice, InvoicePdf
from store.queries.upsert import upsert

_STATES = (
    select(
        Invoice.id,
        Invoice.ledger_id,
        Invoice.number,
        Invoice.updated_at,
        func.length(InvoicePdf.content),
        Invoice.online_url,
    )
    .outerjoin(
        InvoicePdf,
        (InvoicePdf.organisation_id == Invoice.organisation_id)
        & (InvoicePdf.invoice_id == Invoice.id)
        & (InvoicePdf.invoice_updated_at == Invoice.updated_at),
    )
    .where(
        Invoice.organisation_id == bindparam("organisation"),
        among(Invoice.id, "invoices"),
    )
    .order_by(Invoice.id)
)
_CONTENTS = select(InvoicePdf.invoice_id, InvoicePdf.content).where(
    InvoicePdf.organisation_id == bindparam("organisation"),
    among(InvoicePdf.invoice_id, "invoices"),
)
"""Built once, because every mail asks both."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What is there of one invoice's PDF. ``size`` in bytes; None: none, or one of an older state of the invoice."""

    invoice_id: str
    ledger_id: str
    number: str
    updated_at: datetime
    size: int | None
    online_url: str | None


def states(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> list[FileState]:
    """The state of the PDFs of these invoices, in the order of the invoices' ids."""
    rows = session.connection().execute(
        _STATES, {"organisation": organisation_id, "invoices": list(invoice_ids)}
    )
    return [FileState(*row) for row in rows]


def contents(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> dict[str, bytes]:
    """The PDFs of these invoices."""
    rows = session.connection().execute(
        _CONTENTS, {"organisation": organisation_id, "invoices": list(invoice_ids)}
    )
    return {row.invoice_id: row.content for row in rows}


def store(session: Session, organisation_id: str, fetched: Sequence[tuple[FileState, bytes]]) -> None:
    """Keep PDFs, each of which was fetched while its invoice stood as in its state."""
    new = upsert(session, InvoicePdf)
    newer = new.on_conflict_do_update(
        index_elements=["organisation_id", "invoice_id"],
        set_={"invoice_updated_at": new.excluded.invoice_updated_at, "content": new.excluded.content},
    )
    rows = [
        {
            "organisation_id": organisation_id,
            "invoice_id": state.invoice_id,
            "invoice_updated_at": state.updated_at,
            "content": content,
        }
        for state, content in fetched
    ]
    session.connection().execute(newer, rows)


def store_url(session: Session, organisation_id: str, invoice_id: str, url: str) -> None:
    """Keep the address at which the ledger shows an invoice to its customer."""
    session.connection().execute(
        update(Invoice)
        .where(Invoice.organisation_id == organisation_id, Invoice.id == invoice_id)
        .values(online_url=url)
    )


def forget_closed(session: Session) -> None:
    """Drop the PDFs of invoices that are not open any more."""
    closed = select(Invoice.organisation_id, Invoice.id).where(Invoice.status != "AUTHORISED")
    session.connection().execute(
        delete(InvoicePdf).where(tuple_(InvoicePdf.organisation_id, InvoicePdf.invoice_id).in_(closed))
    )
