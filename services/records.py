"""What a colleague writes down: calls, notes, posted letters. They stand on the timeline and, as notes, in the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from kit.ids import new_id
from services import notes
from store.asked import asked_for
from store.models import Communication, CommunicationInvoice, Invoice

_ASKS = frozenset({"call", "letter"})
"""They are about what was asked for; what else is written down is about what is due."""


def record(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoices: Collection[Invoice],
    *,
    channel: str,
    text: str | None,
    by: str,
    now: datetime,
    outcome: str | None = None,
    kind: str | None = None,
    to: str | None = None,
    step_name: str | None = None,
    reached: bool | None = None,
    with_text: bool = True,
    fact: str | None = None,
) -> Communication:
    """Record a ``call``, ``note`` or ``letter`` about a contact and invoices of it, within the caller's change.

    ``by`` is who wrote it down, ``to`` who was spoken or written to, in words; ``reached`` whether somebody
    answered a call. Without ``with_text`` the ledger is told only that it was recorded; ``fact`` is what came of it where
    words are kept out (None: ``outcome``). The caller rings for the notes.
    """
    entry = Communication(
        organisation_id=organisation_id,
        id=new_id(),
        direction="out",
        channel=channel,
        kind=kind or channel,
        status="sent",
        contact_id=contact_id,
        to=[to] if to else [],
        step_name=step_name,
        from_name=by,
        subject=outcome,
        body_text=text,
        sent_at=now,
        created_at=now,
        reached=reached,
    )
    session.add(entry)
    session.flush()
    asked = asked_for(session, organisation_id, invoices) if channel in _ASKS else {}
    session.add_all(_about(entry, invoice, asked.get(invoice.id, invoice.amount_due)) for invoice in invoices)
    session.flush()
    notes.queue_for_record(session, organisation_id, entry.id, now, with_text=with_text, fact=fact)
    return entry


def _about(entry: Communication, invoice: Invoice, amount: Decimal) -> CommunicationInvoice:
    return CommunicationInvoice(
        organisation_id=entry.organisation_id,
        communication_id=entry.id,
        invoice_id=invoice.id,
        currency=invoice.currency,
        amount_due=amount,
    )
