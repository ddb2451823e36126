"""The shapes in which the outlook is given to pages, the API and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from credit_control.decisions import InvoiceDecision, NextStep, Reason
from credit_control.facts import Invoice


@dataclass(frozen=True, slots=True)
class Said:
    """One rule's word: ``rule``, ``outcome`` (allows, delays, stops, notes) and an English sentence."""

    rule: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class LeavingInvoice:
    """An invoice that travels with a message. ``amount_due`` is in its ``currency``."""

    id: str
    number: str
    due_on: date
    currency: str
    amount_due: Decimal
    step_name: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """One message: to whom, about what, when, and why."""

    on: date
    """The organisation's own day."""
    planned_for: datetime
    contact_id: str
    contact_name: str
    to: tuple[str, ...]
    step_name: str
    """The gravest step; it gives the text."""
    status: str
    """planned or held (stored as a communication), or forecast (as the rules foresee it)"""
    invoices: tuple[LeavingInvoice, ...]
    because: tuple[Reason, ...]
    communication_id: str | None = None
    note: str | None = None
    """Why a stored message is held, or what it waits for."""

    @property
    def reasons(self) -> tuple[Said, ...]:
        """Why, in words; put together only when they are read."""
        return said(self.because)

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What is asked for, by currency."""
        return totals((one.currency, one.amount_due) for one in self.invoices)


@dataclass(frozen=True, slots=True)
class OutlookDay:
    """All that leaves on one day, in the order in which it leaves."""

    on: date
    leaving: tuple[Leaving, ...]

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What is asked for on this day, by currency."""
        return totals((one.currency, one.amount_due) for mail in self.leaving for one in mail.invoices)


@dataclass(frozen=True, slots=True)
class RestingInvoice:
    """An invoice that is not written about, and why."""

    id: str
    number: str
    due_on: date
    currency: str
    amount_due: Decimal
    decision: str
    """wait, hold, person, done or closed; send when it leaves on another day"""
    because: tuple[Reason, ...]
    next_step: NextStep | None

    @property
    def reasons(self) -> tuple[Said, ...]:
        """Why, in words; put together only when they are read."""
        return said(self.because)


@dataclass(frozen=True, slots=True)
class Resting:
    """The invoices of one contact that are not written about."""

    contact_id: str
    contact_name: str
    invoices: tuple[RestingInvoice, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The coming days. ``days`` has only those on which something leaves."""

    as_of: datetime
    days: tuple[OutlookDay, ...]
    resting: tuple[Resting, ...]
    """The most telling ones: holds first, then what needs a person, then the rest, by name."""
    resting_contacts: int
    """How many contacts rest in all, shown or not."""


@dataclass(frozen=True, slots=True)
class Why:
    """The decision on one invoice (send, wait, hold, person, done or closed), with every reason."""

    decision: str
    reasons: tuple[Said, ...]
    next_step: NextStep | None


@dataclass(frozen=True, slots=True)
class RunContact:
    """What one contact would get on the date of a run, and why the rest would not."""

    contact_id: str
    contact_name: str
    leaves: Leaving | None
    rests: tuple[RestingInvoice, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """The plan of one date. ``on`` is a day of the organisation's calendar."""

    on: date
    dry_run: bool
    contacts: tuple[RunContact, ...]


def said(reasons: Iterable[Reason]) -> tuple[Said, ...]:
    """Reasons as they are read."""
    return tuple(Said(one.rule, one.outcome.value, one.text) for one in reasons)


def resting_invoice(invoice: Invoice, decision: InvoiceDecision) -> RestingInvoice:
    """One invoice that is not written about."""
    return RestingInvoice(
        invoice.id,
        invoice.number,
        invoice.due_on,
        invoice.currency,
        invoice.amount_due,
        decision.verdict.value,
        decision.reasons,
        decision.next_step,
    )


def totals(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Sums by currency, in the order of their codes."""
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return dict(sorted(sums.items()))
