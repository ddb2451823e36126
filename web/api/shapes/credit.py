"""How much a customer may owe, and how much it does."""

from __future__ import annotations

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer


class CreditUse(Answer, frozen=True):
    """One currency. ``limit`` null: there is none, and so is ``left``; ``owed`` is ``open_invoices`` less ``unused_credits``."""

    currency: Currency
    limit: Money | None
    open_invoices: Money
    unused_credits: Money
    owed: Money
    left: Money | None
    exceeded: bool
    exceeded_since: Moment | None


class CreditDecision(Answer, frozen=True):
    """Who decided when on a limit, from what to what (null: none), and why."""

    currency: Currency
    before: Money | None
    amount: Money | None
    why: str
    decided_by: str
    decided_at: Moment


class Credit(Answer, frozen=True):
    """A customer's credit: what it may owe and does, and every decision on it, the newest first."""

    contact_id: Id
    as_of: Moment | None
    uses: list[CreditUse]
    decisions: list[CreditDecision]
