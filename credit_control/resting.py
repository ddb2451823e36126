"""What stops chasing for a while, and what the customer has said it will pay: holds, promises and payment plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class HoldKind(StrEnum):
    REPLY = "reply"
    PERSON = "person"
    DISPUTE = "dispute"
    PROMISE = "promise"
    PLAN = "plan"
    """A payment plan covers it; its reason is a whole sentence."""
    PAID_CLAIM = "paid_claim"
    """The customer says that it has paid; the payment has time to show."""
    BOUNCE = "bounce"
    LOST = "lost"
    """Something was said to the contact, or by it, of which we have lost our own record."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that stops chasing of a contact, or of one invoice, up to and including ``until`` (None: open end)."""

    kind: HoldKind
    reason: str
    invoice_id: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay that stands, or that was not kept in full and is to be followed up."""

    id: str
    made_on: date
    promised_on: date
    currency: str
    amount: Decimal
    paid: Decimal
    """How much of it has come, or came in time."""
    last_day: date
    """Its last day of grace."""
    invoice_ids: tuple[str, ...]
    follow_up_until: date | None = None
    """It was not kept: until then a mail about it takes the place of the next reminder; None: it stands."""
    is_answered: bool = False
    """That mail has left, or was left out for good."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A payment plan that stands, with the instalment that comes next."""

    id: str
    made_on: date
    currency: str
    invoice_ids: tuple[str, ...]
    number: int
    """Of the instalment that comes next, from 1."""
    on: date
    amount: Decimal
    """What is to come of it yet."""
