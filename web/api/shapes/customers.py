"""What the API answers about customers and their invoices."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - a field of an invoice is called date
from typing import Literal

from web.api.fields import Currency, Id, LedgerId, Moment, Money, SetLanguage
from web.api.shapes.base import Answer, NextStep, Reason

Rating = Literal["new", "good", "average", "poor"]
AccountStatus = Literal["good", "watch", "on_stop"]


class PaymentDays(Answer, frozen=True):
    """Days of the month (31: the last one) and weekdays (Monday is 0) on which a customer pays."""

    month_days: list[int]
    weekdays: list[int]


class CustomersCalendar(Answer, frozen=True):
    """Where a customer works: ``country`` by its address in the ledger, ``place`` and ``timezone`` as a person set them."""

    country: str | None
    place: str | None
    timezone: str | None
    pays_on: PaymentDays | None


class Balance(Answer, frozen=True):
    """What is due in one currency, and how much of it is overdue. Credits are not taken off."""

    currency: Currency
    due: Money
    overdue: Money


class RiskOf(Answer, frozen=True):
    """The category of a contact, by its key and its name, and the points, from 0 to 100 (null: not rated)."""

    category: str
    name: str
    points: str | None


class Contact(Answer, frozen=True):
    """A customer. ``on_hold``: chasing of the whole contact is on hold, not of single invoices alone.

    ``schedule`` is null where a rule keeps the contact from being chased; ``schedule_reason`` says what put it there.
    ``rating``: how it paid in the last twelve months (``/contacts/{id}/payer`` has the figures); new: too little was paid to say.
    ``risk``: how risky it is to give it credit (``/contacts/{id}/risk`` has the figures).
    ``account_status``: what sales reads before it takes an order.
    ``owner_id``: the colleague who looks after it. ``promises_kept`` of ``promises_judged``: promises and instalments
    kept in full, of those whose day is over.
    """

    id: Id
    ledger_id: LedgerId
    name: str
    email: str | None
    schedule: str | None
    rating: Rating
    on_hold: bool
    language: SetLanguage | None
    balances: list[Balance]
    schedule_by: Literal["by_hand", "by_comparison", "by_rule", "by_default"]
    schedule_reason: str
    groups: list[str]
    country: str | None
    account_status: AccountStatus
    risk: RiskOf
    on_stop: bool
    on_stop_since: Moment | None
    owner_id: Id | None
    promises_kept: int
    promises_judged: int


class ExpectedPayment(Answer, frozen=True):
    """When an open invoice is likely to be paid in full: half of such invoices are paid by ``on``, one in ten by
    ``earliest``, nine in ten by ``latest``. ``basis``: what this is told by.
    """

    on: Day
    earliest: Day
    latest: Day
    basis: str


class Invoice(Answer, frozen=True):
    """A sales invoice as the ledger has it; ``status`` is the ledger's word.

    ``due_as_agreed`` is null where no special terms give it another due day than the ledger's ``due_date``.
    ``expected_payment`` is null where nothing is open, and where it is later than anything that was ever paid.
    """

    id: Id
    ledger_id: LedgerId
    number: str
    contact_id: Id
    date: Day
    due_date: Day
    due_as_agreed: Day | None
    currency: Currency
    total: Money
    amount_due: Money
    status: str
    next_step: NextStep | None
    expected_payment: ExpectedPayment | None


class InvoiceInFull(Invoice, frozen=True):
    """One invoice. ``sent``: whether the ledger has it as sent (null: it does not say).

    ``address_then``: the customer's address when it was issued, as far as we saw it change since; no ledger says
    where an invoice really went. ``address_changed_at``: when it became another one; null: it is the same today.
    """

    sent: bool | None
    address_then: str | None
    address_changed_at: Moment | None


class Why(Answer, frozen=True):
    """The decision on one invoice, with every reason for it."""

    decision: str
    reasons: list[Reason]
    next_step: NextStep | None
