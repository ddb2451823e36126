"""What the tests of order confirmations do: customers accept quotes, and the mirror learns of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from credit_control.occasions import OccasionKind
from kit import clock
from services.mirror.slices import read_slice
from tests.services.other_mails import want
from tests.support.chasing import Chasing

CONFIRMATION = OccasionKind.CONFIRMATION
TUESDAY = datetime(2026, 11, 17, 11, 0, tzinfo=UTC)


def poll(org: Chasing) -> list[str]:
    """What is due is read of the ledger; the calls that it took."""
    org.ledger.calls.clear()
    while read_slice(org.app, org.organisation_id, org.ledger):
        pass
    org.plan()
    return list(org.ledger.calls)


def wanted(org: Chasing, chasing: str = "live") -> str:
    """Orders are to be confirmed, and the first reading is done; a customer's ledger id."""
    customer = org.customer()
    org.mirror()
    org.switch(chasing)
    want(org, CONFIRMATION)
    assert poll(org) == ["quotes_page"]
    return customer


def offered(org: Chasing, customer: str, number: str = "QU-1", **fields: Any) -> str:
    org.ledger.now = max(org.ledger.now, clock.now())
    return org.ledger.add_quote(customer, number, **fields)


def accepted(org: Chasing, customer: str, number: str = "QU-1", **fields: Any) -> str:
    """The customer accepts a quote, and an hour later the mirror knows; the quote's ledger id."""
    quote = offered(org, customer, number, **fields)
    org.ledger.change_quote(quote, "ACCEPTED")
    org.shift(hours=1)
    poll(org)
    return quote


def leave(org: Chasing, moment: datetime = TUESDAY) -> None:
    org.move_to(moment)
    org.plan()
    org.send()
