"""How much a customer may owe, and how much it does."""

from __future__ import annotations

from datetime import date
from typing import Literal

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


class AgreedTermsOf(Answer, frozen=True):
    """One agreement. ``invoice_id`` null: about all invoices; ``taken_back_on``: the first day on which it held no more."""

    id: Id
    invoice_id: Id | None
    agreed_on: date
    until: date
    percent: str | None
    amount: Money | None
    currency: Currency | None
    within_days: int | None
    due_days: int | None
    why: str
    agreed_by: str
    entered_at: Moment
    taken_back_on: date | None
    taken_back_by: str | None


class AskedUnderTerms(Answer, frozen=True):
    """What is asked for of an open invoice today. ``until`` null: ``amount`` is all; else it is enough up to that day, and
    ``afterwards`` is asked for after it. ``to_credit``: it was paid as agreed, and a credit note of so much is missing.
    """

    invoice_id: Id
    number: str
    currency: Currency
    due_on: date
    amount: Money
    until: date | None
    afterwards: Money | None
    to_credit: Money


class SpecialTerms(Answer, frozen=True):
    """Special terms of a contact: every agreement, the newest first, and the open invoices that they concern."""

    contact_id: Id
    agreed: list[AgreedTermsOf]
    asked: list[AskedUnderTerms]


class Credit(Answer, frozen=True):
    """A customer's credit: what it may owe and does, and every decision on it, the newest first."""

    contact_id: Id
    as_of: Moment | None
    uses: list[CreditUse]
    decisions: list[CreditDecision]


class CreditReportOrder(Answer, frozen=True):
    """An order of a credit report. ``state``: asked, obtained, failed (nothing was charged), or unknown (it may have been).

    ``score`` from 0 to 100, more being less risk; null: the bureau gave none in this scale, or there is no report.
    ``score_counts_until``: the last day on which the score counts in the risk. ``used_from``: the report of another
    customer that is the same company, which was bought. ``provider_value`` is the bureau's own, up to ``provider_most``;
    ``limit`` is what the bureau would give credit for.
    """

    id: Id
    source: str
    company: str
    company_number: str
    state: str
    ordered_at: Moment
    ordered_by: str
    cost: Money
    cost_currency: Currency
    score: int | None
    band: str | None
    provider_value: str | None
    provider_most: str | None
    provider_words: str | None
    provider_band: str | None
    score_counts_until: date | None
    used_from: Id | None
    limit: Money | None
    limit_currency: Currency | None
    problem: str | None


class CreditReports(Answer, frozen=True):
    """Every credit report that was ordered for a customer, the newest first."""

    contact_id: Id
    reports: list[CreditReportOrder]


class ProposedTerms(Answer, frozen=True):
    """Payment terms as Xero names their kind, and a discount in percent for who pays within so many days; either may be none."""

    kind: str | None = None
    days: int | None = None
    percent: str | None = None
    within_days: int | None = None


class CreditProposal(Answer, frozen=True):
    """What risk and numbers speak for: another schedule, a lower limit in a currency (from ``before`` to ``amount``), or
    other terms (from ``terms_before`` to ``terms``).

    ``state``: it waits for a yes or no, was accepted or declined, or is over because its cause is.
    """

    id: Id
    contact_id: Id
    kind: Literal["schedule", "limit", "terms"]
    state: Literal["waits", "accepted", "declined", "over"]
    schedule_id: Id | None
    currency: Currency | None
    before: Money | None
    amount: Money | None
    terms: ProposedTerms | None
    terms_before: ProposedTerms | None
    why: str
    made_at: Moment
    decided_by: str | None
    decided_at: Moment | None


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
