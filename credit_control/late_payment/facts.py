"""What is known of a late debt, and how the claimant wants it worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum


class LatePaymentError(ValueError):
    """What was asked cannot be worked out. The message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A part payment towards the invoice itself. Interest runs on it up to and with the day ``on``."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Debt:
    """One invoice, with its taxes: each invoice is a debt of its own, with a compensation of its own.

    ``paid_on`` is the day on which the last of it was paid, or up to which interest is claimed.
    ``due_on`` is the agreed payment day. ``terms_days`` is the agreed term: so many days before
    ``due_on`` the goods or services and the invoice were there. Who knows those days gives them instead:
    ``performed_on`` (delivered, done) and ``received_on`` (the invoice has come); the later one counts.
    ``longer_term_fair`` says that a term beyond the usual limit was agreed and is not grossly unfair.
    ``contract_on`` is the day of the contract, for laws that changed.
    """

    amount: Decimal
    currency: str
    paid_on: date
    due_on: date | None = None
    payments: tuple[Payment, ...] = ()
    terms_days: int | None = None
    received_on: date | None = None
    performed_on: date | None = None
    contract_on: date | None = None
    public_authority: bool = False
    consumer: bool = False
    longer_term_fair: bool = False

    def owed_after(self, day: date) -> Decimal:
        """What is left of the invoice when the payments of ``day`` have been taken off."""
        return self.amount - sum((paid.amount for paid in self.payments if paid.on <= day), Decimal(0))


class Style(Enum):
    """How daily interest is rounded: once at the end, or each day's to the penny, as gov.uk shows it."""

    EXACT = "exact"
    DAILY_ROUNDED = "daily-rounded"


@dataclass(frozen=True, slots=True)
class Choices:
    """How the claimant wants it worked out.

    ``split`` changes a rate that the law fixes at each half-year. ``yearly_rate`` (percent) is agreed in
    the contract, or stands for the law's whole rate. ``references`` are reference rates (percent) by the
    first day of their half-year, for those that the tables lack. ``whole_months`` counts no part of a month.
    ``fee`` is a fixed sum for each late invoice that the contract agrees, in the currency of the debt.
    """

    split: bool = False
    style: Style = Style.EXACT
    yearly_rate: Decimal | None = None
    references: Mapping[date, Decimal] = field(default_factory=dict)
    whole_months: bool = False
    fee: Decimal | None = None
