"""What the API answers about late payment: interest with its working, rules, charges, stopped accounts."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - as in the other shapes
from typing import Literal

from msgspec import Struct, field

from web.api.fields import Currency, DayText, Id, Moment, Money
from web.api.shapes import Answer

CustomerKind = Literal["company", "sole_trader", "individual", "public_body"]
Charging = Literal["off", "by_hand", "monthly"]
FeeStatus = Literal["pending", "drafted", "refused", "waived"]


class RateUsed(Answer, frozen=True):
    """A rate in percent a year and the days on which it holds, with its source; ``unverified`` says what is doubtful."""

    first: DayText = field(name="from")
    last: DayText = field(name="to")
    rate: str
    reference: str | None
    reference_from: DayText | None
    margin: str
    source: str
    unverified: str | None


class InterestLine(Answer, frozen=True):
    """Interest on ``principal`` over some days; ``unrounded`` lines add up to the interest before it is rounded."""

    first: DayText = field(name="from")
    last: DayText = field(name="to")
    days: int
    principal: Money
    rate: str
    amount: Money
    unrounded: str
    how: str | None


class Claim(Answer, frozen=True):
    """What may be claimed, as ``dunnock interest --json`` prints it. The invoice itself is not in ``total``."""

    rules: str
    title: str
    unverified: str | None
    currency: Currency
    amount: Money
    due_date: DayText | None
    paid_date: DayText
    relevant_day: DayText
    interest_from: DayText
    days: int
    rate: str | None
    rates: list[RateUsed]
    lines: list[InterestLine]
    per_day: str | None
    interest: Money
    compensation: Money | None
    total: Money
    notes: list[str]


class Interest(Answer, frozen=True):
    """Interest on an invoice as of a day; where there is no ``claim``, ``problem`` says why, and what to do."""

    invoice_id: Id
    on: Day
    claim: Claim | None
    problem: str | None


class Tracked(Struct, frozen=True):
    """An option of a tracking category, as the ledger names them."""

    category: str
    option: str


class LatePaymentPolicy(Answer, frozen=True):
    """By which rules interest is worked out (null: none), whether customers are told, and whether it is charged.

    ``rate``, ``fee`` and ``whole_months`` are those of the contract, for the rules ``contract``; percent a year.
    """

    rules: str | None
    split: bool
    rate: str | None
    fee: str | None
    fee_currency: Currency | None
    whole_months: bool
    told: bool
    charging: Charging
    account_code: str | None
    tax_type: str | None
    tracking: list[Tracked]


class BookingChoice(Answer, frozen=True):
    """An account or a tax rate of the ledger."""

    code: str
    name: str


class TrackingCategory(Answer, frozen=True):
    """A tracking category of the ledger with its options."""

    category: str
    options: list[str]


class BookingChoices(Answer, frozen=True):
    """What late fees can be booked on, as the ledger said at ``read_at``; null: it was not asked yet.

    ``problem`` says why it could not be asked just now.
    """

    accounts: list[BookingChoice]
    tax_rates: list[BookingChoice]
    tracking: list[TrackingCategory]
    read_at: Moment | None
    problem: str | None


class LatePaymentTerms(Answer, frozen=True):
    """What is known of one customer. ``kind`` null: nobody has said, so nothing is worked out."""

    contact_id: Id
    kind: CustomerKind | None
    rules: str | None
    rate: str | None
    fee: str | None
    fee_currency: Currency | None
    whole_months: bool
    longer_term_fair: bool


class ChargeLine(Answer, frozen=True):
    """One line of a charge, as it stands in the ledger."""

    description: str
    amount: Money


class LateFee(Answer, frozen=True):
    """Interest and compensation for one invoice from ``from`` to ``to``, both included; no day is charged twice.

    ``ledger_id`` and ``number``: the draft in the ledger. ``reason``: why it was waived, or the ledger's words.
    """

    id: Id
    invoice_id: Id
    contact_id: Id
    first: Day = field(name="from")
    last: Day = field(name="to")
    currency: Currency
    interest: Money
    compensation: Money
    total: Money
    lines: list[ChargeLine]
    basis: str
    status: FeeStatus
    reason: str | None
    ledger_id: str | None
    number: str | None
    created_by: str
    created_at: Moment


class Chargeable(Answer, frozen=True):
    """What would be charged for an overdue invoice now; ``problem`` says why nothing."""

    invoice_id: Id
    contact_id: Id
    number: str
    first: Day | None = field(name="from")
    last: Day | None = field(name="to")
    currency: Currency
    interest: Money | None
    compensation: Money | None
    lines: list[ChargeLine]
    problem: str | None


class LeftOut(Answer, frozen=True):
    """An invoice for which nothing was done, and why."""

    invoice_id: Id
    reason: str


class FeesMade(Answer, frozen=True):
    """What was charged or waived, and for which invoices nothing was."""

    made: list[LateFee]
    left_out: list[LeftOut]


class AccountStop(Answer, frozen=True):
    """Whether a customer's account is stopped, since when and why; ``stops_on``: a warning names this day."""

    contact_id: Id
    on_stop: bool
    since: Moment | None
    stops_on: Day | None
    reason: str | None
    by: str | None
