"""Notes: the permanent remarks in a history."""

from __future__ import annotations

from sandbox.ledger.bookkeeping import LedgerError, emit, log
from sandbox.records import HistoryRecord
from sandbox.world import Organisation, World

NOTE_LIMIT = 2500
"""Characters the ledger keeps in one note."""


def add_note(
    world: World, org: Organisation, record_id: str, details: str, user: str = "System Generated"
) -> HistoryRecord:
    """A permanent note on any document or contact, at the present moment; without a ``user`` a program writes it."""
    if len(details) > NOTE_LIMIT:
        raise LedgerError(f"The note has {len(details)} characters; the ledger keeps at most {NOTE_LIMIT}.")
    with world.lock:
        note = log(world, org, record_id, "Note", details, user)
        if world.notes_raise_events:
            _echo_note(world, org, record_id)
        return note


def _echo_note(world: World, org: Organisation, record_id: str) -> None:
    if record_id in org.invoices:
        emit(world, org, "INVOICE", "UPDATE", record_id)
    elif record_id in org.contacts:
        emit(world, org, "CONTACT", "UPDATE", record_id)
