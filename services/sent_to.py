"""To which address an invoice really went, as far as that can be known.

The ledger tells whether an invoice was sent, and never to which address. It sends to the customer's address of that
moment; so where the address has changed since the invoice was issued, the invoice went to the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from store.models import Contact, Invoice
from store.people import usable_address
from store.queries import people


@dataclass(frozen=True, slots=True)
class SentTo:
    """Whether the ledger has an invoice as sent, and the customer's address when it was issued, by all that we saw."""

    sent: bool | None
    address: str | None
    """In small letters; None: the customer has none."""
    changed_at: datetime | None = None
    """When the address was first another one; None: it is the same today."""


def sent_to(session: Session, invoice: Invoice, contact: Contact, zone: str) -> SentTo:
    """What is known of one invoice. ``zone`` is the organisation's (IANA), in which days are counted."""
    address = (usable_address(contact.email) or "").lower() or None
    changed_at = None
    for change in people.changed_addresses(session, contact.organisation_id, contact.id):  # newest first
        since = change.noticed_at.astimezone(ZoneInfo(zone)).date() > invoice.issued_on
        if since and change.address == address and change.instead_of:
            address, changed_at = change.instead_of, change.noticed_at
    return SentTo(invoice.sent, address, changed_at)
