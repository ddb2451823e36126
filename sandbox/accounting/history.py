"""History and notes: read everything, add notes that can never be changed or deleted."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, jsonify

from sandbox.accounting.bodies import elements
from sandbox.accounting.errors import invalid, not_found
from sandbox.accounting.resources import CONTACTS, CREDITS, INVOICES, PAYMENTS, QUOTES
from sandbox.accounting.session import current_org
from sandbox.accounting.wire import Json, envelope, instant_text, ms_instant
from sandbox.ledger import NOTE_LIMIT, add_note
from sandbox.records import Contact, Credit, HistoryRecord, Invoice, Payment, Quote
from sandbox.world import Collection, Organisation, World

Keeper = (
    Collection[Contact] | Collection[Invoice] | Collection[Payment] | Collection[Credit] | Collection[Quote]
)

KEEPERS: dict[str, Callable[[Organisation], Keeper]] = {
    CONTACTS.name: CONTACTS.records,
    INVOICES.name: INVOICES.records,
    PAYMENTS.name: PAYMENTS.records,
    QUOTES.name: QUOTES.records,
    **{resource.name: resource.records for resource in CREDITS.values()},
}
"""Where the records that have a history are kept, by endpoint."""


class HistoryViews:
    """The `/History` endpoints of every resource that has one."""

    def __init__(self, world: World) -> None:
        self._world = world

    def read(self, endpoint: str, record_id: str) -> Response:
        """All entries, newest first."""
        with self._world.lock:
            known = self._known(endpoint, record_id)
            records = [record_shape(r) for r in reversed(current_org().history_of(known))]
        return jsonify(envelope("HistoryRecords", records, self._world.now()))

    def write(self, endpoint: str, record_id: str) -> Response:
        """Add one or more notes; PUT and POST do the same."""
        with self._world.lock:
            known = self._known(endpoint, record_id)
            texts = [_checked(item) for item in elements("HistoryRecords")]
            notes = [add_note(self._world, current_org(), known, text) for text in texts]
        return jsonify(envelope("HistoryRecords", [record_shape(n) for n in notes], self._world.now()))

    def _known(self, endpoint: str, record_id: str) -> str:
        keeper = KEEPERS.get(endpoint)
        record = keeper(current_org()).get(record_id.lower()) if keeper else None
        if record is None:
            raise not_found()
        return record.id


def record_shape(record: HistoryRecord) -> Json:
    """One entry as JSON."""
    return {
        "Changes": record.changes,
        "DateUTCString": instant_text(record.at),
        "DateUTC": ms_instant(record.at),
        "User": record.user,
        "Details": record.details,
    }


def _checked(item: Json) -> str:
    text = item.get("Details")
    if not isinstance(text, str) or not text.strip():
        raise invalid("The Details field is required.", {"Details": text or ""})
    if len(text) > NOTE_LIMIT:
        message = f"The field Details must be a string with a maximum length of {NOTE_LIMIT}."
        raise invalid(message, {"Details": text})
    return text
