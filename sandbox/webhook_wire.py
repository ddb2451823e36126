"""What a webhook looks like on the wire: the body with the ledger's odd spaces, and its signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import string
from collections.abc import Sequence

from sandbox.world import LedgerEvent

API_HOST = "https://api.xero.com"
COLLECTION = {
    "CONTACT": "Contacts",
    "INVOICE": "Invoices",
    "CREDITNOTE": "CreditNotes",
    "OVERPAYMENT": "Overpayments",
    "PREPAYMENT": "Prepayments",
}


def body_of(events: Sequence[LedgerEvent], first: int, last: int) -> bytes:
    """The payload for these events with their sequence numbers.

    The spaces after some colons and commas are the ledger's own: whoever re-serialises the JSON before
    checking the signature fails here as there.
    """
    entropy = "".join(secrets.choice(string.ascii_uppercase) for _ in range(20))
    listed = ",".join(json.dumps(_event(event), separators=(",", ":")) for event in events)
    head = f'{{"events":[{listed}],"firstEventSequence": {first},"lastEventSequence": {last}, '
    return f'{head}"entropy": "{entropy}"}}'.encode()


def _event(event: LedgerEvent) -> dict[str, object]:
    shape: dict[str, object] = {
        "resourceUrl": f"{API_HOST}/api.xro/2.0/{COLLECTION[event.category]}/{event.resource_id}",
        "resourceId": event.resource_id,
        "eventDateUtc": f"{event.at:%Y-%m-%dT%H:%M:%S}.{event.at.microsecond // 1000:03d}",
        "eventType": event.type,
        "eventCategory": event.category,
        "tenantId": event.tenant_id,
        "tenantType": "ORGANISATION",
    }
    return {**shape, "data": event.data} if event.data else shape


def signature_of(body: bytes, key: str) -> str:
    """base64(HMAC-SHA256(raw body, the key's UTF-8 text)), for the header x-xero-signature."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode("ascii")
