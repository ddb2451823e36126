"""How much a customer may owe, and how much it does."""

from __future__ import annotations

from web.api.fields import Currency, Id, Moment, Money
from web.api.shapes.base import Answer
from web.api.shapes.customers import AccountStatus


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


class AccountProposal(Answer, frozen=True):
    """A rule proposes a watch; a person decides."""

    why: str
    at: Moment


class AccountChange(Answer, frozen=True):
    """Who changed the status of an account when, from what to what, and why."""

    at: Moment
    by: str
    before: AccountStatus
    after: AccountStatus
    why: str


class AccountState(Answer, frozen=True):
    """Good, watch or on stop, and how it came to be so; ``proposed`` null: no rule proposes a watch."""

    contact_id: Id
    account_status: AccountStatus
    proposed: AccountProposal | None
    changes: list[AccountChange]
