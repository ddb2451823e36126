"""What requests about late payment may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from web.api.asked import Asked, Listing
from web.api.fields import SAYS_SOMETHING, Id, Text, check_day
from web.api.late_payment_shapes import Charging, CustomerKind, FeeStatus, Tracked

Percent = Annotated[
    str, Meta(pattern=r"^\d{1,3}(\.\d{1,4})?$", description="Percent a year.", examples=["18.00"])
]
Fee = Annotated[str, Meta(pattern=r"^\d{1,5}(\.\d{1,2})?$", examples=["25.00"])]
CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217", examples=["USD"])]
Rules = Annotated[
    str, Meta(pattern="^[a-z_-]{2,32}$", description="A rule set of dunnock interest.", examples=["uk"])
]


class InterestOn(Asked, frozen=True, kw_only=True):
    """The day up to which interest is worked out; without it, that of full payment, else today."""

    on: date | None = None

    def __post_init__(self) -> None:
        check_day("on", self.on)


class _Agreed(Asked, frozen=True, kw_only=True):
    """``rate``, ``fee`` and ``whole_months`` go with the rules ``contract``."""

    rules: Rules | None = None
    rate: Percent | None = None
    fee: Fee | None = None
    fee_currency: CurrencyCode | None = None
    whole_months: bool = False


class ChooseRules(_Agreed, frozen=True, kw_only=True):
    """``rules``: a rule set, ``by_country``, or null for none. ``told``: texts may name interest to customers."""

    split: bool = False
    told: bool = False


class SetTerms(_Agreed, frozen=True, kw_only=True):
    """What is known of a customer; ``rules`` null: the organisation's."""

    kind: CustomerKind | None = None
    longer_term_fair: bool = False


class LateFees(Listing, frozen=True, kw_only=True):
    status: FeeStatus | None = None
    invoice_id: Id | None = None


Code = Annotated[str, Meta(max_length=50, pattern=SAYS_SOMETHING)]


class SwitchCharging(Asked, frozen=True, kw_only=True):
    """Whether late fees are charged, and on which account, tax rate and tracking options they are booked."""

    charging: Charging
    account_code: Code | None = None
    tax_type: Code | None = None
    tracking: Annotated[list[Tracked], Meta(max_length=2)] = []


InvoiceIds = Annotated[list[Id], Meta(min_length=1, max_length=200)]


class ChargeFees(Asked, frozen=True, kw_only=True):
    """Draft late fees for these invoices, up to today."""

    invoice_ids: InvoiceIds


class WaiveFees(Asked, frozen=True, kw_only=True):
    """Waive what could be charged for these invoices up to today; the period then counts as done."""

    invoice_ids: InvoiceIds
    reason: Text


class StopAccount(Asked, frozen=True, kw_only=True):
    """Stop a customer's account; ``reason``: for whoever wonders why."""

    reason: Text
