"""The shapes in which the outlook is given to pages, the API and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Protocol

from credit_control.decisions import InvoiceDecision, Message, NextStep, Reason
from credit_control.facts import Action, ContactBook, Invoice, Step
from credit_control.people import addressees, emails
from credit_control.standing_reasons import GRAVEST_ALONE
from credit_control.text_to import number_for
from credit_control.whom import people_of
from kit.crypto import digest
from store.queries.chasers import GO, WaitingChaser
from store.queries.occasions_waiting import Waiting

KEY_MARK = 16
"""So much of a mail's mark stands in its key."""


@dataclass(frozen=True, slots=True)
class Said:
    """One rule's word: ``rule``, ``outcome`` (allows, delays, stops, notes) and an English sentence."""

    rule: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class LeavingInvoice:
    """An invoice that travels with a message. ``amount_due`` is what is asked for of it, in its ``currency``."""

    id: str
    number: str
    due_on: date
    currency: str
    amount_due: Decimal
    step_name: str
    due_in_ledger: date | None = None
    """The day in the ledger, where ``due_on`` is another as agreed."""


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
    needs_go: bool = False
    """It is held until a person says go."""
    waits: str | None = None
    """Which word of a person it waits for, foreseen or stored; None: it leaves by itself."""
    message: Message | None = None
    passed_over: tuple[tuple[str, Step], ...] = ()
    """The milder steps, by invoice, that are not made up for once it has left."""
    brake: str | None = None
    """The kind of what holds a stored message."""
    at_once: bool = False
    """A person has it leave at once, whatever the sending window says."""
    sender: str = "owner"
    """Who writes, as the step says."""
    writes: str = ""
    """Who writes it, and why."""
    channel: str = "email"
    """email or sms"""

    @property
    def reasons(self) -> tuple[Said, ...]:
        """Why, in words; put together only when they are read."""
        return said(self.because)

    @property
    def days_late(self) -> int:
        """From the due date of the invoice that gives the text to the day on which it leaves; before it, less than 0."""
        return (self.on - self.invoices[0].due_on).days

    @property
    def caught_up(self) -> int:
        """How many milder reminders the catch-up rule leaves out before this one."""
        return sum(one.pattern == GRAVEST_ALONE for one in self.because)

    @property
    def key(self) -> str:
        """Under which a person or a program acts on it while it is still the same."""
        who = self.communication_id or f"{self.contact_id}_{self.on.isoformat()}"
        return f"{who}.{self.mark[:KEY_MARK]}"

    @property
    def mark(self) -> str:
        """A digest of whom it goes to, about what, for how much."""
        about = [(one.id, one.currency, str(one.amount_due)) for one in self.invoices]
        return digest(f"{self.to} {about}")[:32]

    @property
    def message_steps(self) -> tuple[tuple[str, Step], ...]:
        """Its invoices by id, each with the step that it takes."""
        return self.message.taken if self.message else ()

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What is asked for, by currency."""
        return totals((one.currency, one.amount_due) for one in self.invoices)


@dataclass(frozen=True, slots=True)
class Beside:
    """A mail beside chasers, as it waits."""

    mail: Waiting

    @property
    def key(self) -> str:
        """Under which a person or a program acts on it while it is still the same."""
        about = [(one.invoice_id, one.currency, f"{one.amount_due.normalize():f}") for one in self.mail.about]
        return f"{self.mail.id}.{digest(f'{self.mail.to} {sorted(about)}')[:KEY_MARK]}"

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What is open on its invoices, by currency."""
        return totals((one.currency, one.amount_due) for one in self.mail.about)

    @property
    def needs_go(self) -> bool:
        """It is held until a person says yes."""
        return self.mail.status == "held" and self.mail.brake == GO


@dataclass(frozen=True, slots=True)
class OutlookDay:
    """All that leaves on one day: how many mails, what they ask for by currency, and the first of them spelled out."""

    on: date
    mails: int
    amounts: dict[str, Decimal]
    leaving: tuple[Leaving, ...]
    """In the order in which they leave."""
    beside_count: int = 0
    """How many mails that no step sends are planned for it. They are not among its mails and amounts …"""
    beside: tuple[Beside, ...] = ()
    """… and the first of them are spelled out here."""

    @property
    def in_order(self) -> list[Leaving | Beside]:
        """All that is spelled out, in the order in which it leaves; what has no moment yet comes last."""

        def place(one: Leaving | Beside) -> tuple[bool, datetime]:
            at = one.planned_for if isinstance(one, Leaving) else one.mail.planned_for
            return at is None, at or datetime.min.replace(tzinfo=UTC)

        return sorted([*self.leaving, *self.beside], key=place)


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
    due_in_ledger: date | None = None
    """The day in the ledger, where ``due_on`` is another as agreed."""

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
    still_to_see: int
    """Contacts that are not counted in anything above, because they are still being looked at."""
    mark: str
    """The same for the same mails on the next day on which any leave: whom they go to, about what, for how much."""


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
    brakes: tuple[str, ...] = ()
    """What keeps all of it back just now: why, and who may release it."""


def said(reasons: Iterable[Reason]) -> tuple[Said, ...]:
    """Reasons as they are read."""
    return tuple(Said(one.rule, one.outcome.value, one.text) for one in reasons)


def leaving(
    book: ContactBook,
    on: date,
    message: Message,
    stored: WaitingChaser | None = None,
    passed_over: tuple[tuple[str, Step], ...] = (),
    waits: str | None = None,
) -> Leaving:
    """A message on its day; ``stored`` is the same one as it stands in the database."""
    by_id = {invoice.id: invoice for invoice in book.invoices}
    return Leaving(
        on=on,
        planned_for=stored.planned_for if stored else message.not_before,
        contact_id=book.contact.id,
        contact_name=book.contact.name,
        to=stored.to if stored else _reached_by(book, message.step),
        channel=message.step.action.value,
        step_name=message.step.name,
        status=stored.status if stored else "forecast",
        invoices=tuple(_travelling(by_id[invoice_id], step) for invoice_id, step in message.taken),
        because=message.reasons,
        communication_id=stored.id if stored else None,
        note=(stored.reason if stored else None) or waits,
        needs_go=bool(stored and stored.brake == GO and not stored.approved),
        waits=waits,
        message=message,
        passed_over=passed_over,
        brake=stored.brake if stored else None,
        at_once=bool(stored and stored.at_once),
        sender=message.step.sender,
    )


def _reached_by(book: ContactBook, step: Step) -> tuple[str, ...]:
    """The addresses, or the number, at which the message is foreseen to arrive."""
    if step.action is Action.SMS:
        return tuple(filter(None, [number_for(book.contact, step)]))
    return emails(addressees(people_of(book.contact), step.to, step.copies).to)


def _travelling(invoice: Invoice, step: Step) -> LeavingInvoice:
    return LeavingInvoice(
        invoice.id,
        invoice.number,
        invoice.due_on,
        invoice.currency,
        invoice.asked_for,
        step.name,
        invoice.due_in_ledger,
    )


class DueOn(Protocol):
    """An invoice with the day on which it is due, and that in the ledger where another was agreed."""

    @property
    def due_on(self) -> date: ...

    @property
    def due_in_ledger(self) -> date | None: ...


def both_due_days(one: DueOn) -> tuple[date, date | None]:
    """The day in the ledger, and the one agreed where that is another."""
    return (one.due_in_ledger, one.due_on) if one.due_in_ledger else (one.due_on, None)


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
        invoice.due_in_ledger,
    )


def totals(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Sums by currency, in the order of their codes."""
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return dict(sorted(sums.items()))
