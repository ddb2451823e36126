"""Short ways to say what a contact owes; the organisation is in London unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from credit_control.decisions import ContactDecision, InvoiceDecision, Verdict
from credit_control.facts import (
    Contact,
    ContactBook,
    Credit,
    Invoice,
    Policy,
    Schedule,
    SendingWindow,
    Step,
    StepTaken,
)
from credit_control.resting import Hold
from credit_control.schedules import STANDARD

LONDON = SendingWindow("Europe/London")
POLICY = Policy(LONDON)
ACTIVE = Contact("c-1", "Harbour Bakery", "ACTIVE", "accounts@harbour.example")


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str, zone: str = "Europe/London") -> datetime:
    """A moment by the wall clock of a zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def invoice(
    due: date | str,
    amount: str = "120.00",
    currency: str = "GBP",
    *,
    name: str = "A",
    status: str = "AUTHORISED",
    issued: date | str | None = None,
    expected: date | str | None = None,
) -> Invoice:
    due_on = _date(due)
    return Invoice(
        id=name,
        number=f"INV-{name}",
        issued_on=_date(issued) if issued else due_on - timedelta(days=30),
        due_on=due_on,
        currency=currency,
        total=Decimal(amount),
        amount_due=Decimal(amount),
        status=status,
        expected_on=_date(expected) if expected else None,
    )


def book(
    *invoices: Invoice,
    contact: Contact = ACTIVE,
    steps: tuple[Step, ...] = STANDARD,
    on_account: tuple[Credit, ...] = (),
    holds: tuple[Hold, ...] = (),
    taken: tuple[StepTaken, ...] = (),
    last_message_at: datetime | None = None,
) -> ContactBook:
    schedule = Schedule("v-1", "Standard", 1, steps)
    return ContactBook(contact, schedule, invoices, on_account, holds, taken, last_message_at)


def behind(*positions: int, name: str = "A") -> tuple[StepTaken, ...]:
    """The steps that an invoice has behind it."""
    return tuple(StepTaken(name, position) for position in positions)


def on(decision: ContactDecision, name: str = "A") -> InvoiceDecision:
    """The decision on one invoice."""
    return next(one for one in decision.invoices if one.invoice_id == name)


def why(decision: ContactDecision, name: str = "A") -> str:
    """All reasons of one invoice, as they are read."""
    return " ".join(reason.text for reason in on(decision, name).reasons)


def travelling(decision: ContactDecision) -> list[tuple[str, int]]:
    """What is in the message: (invoice, position), gravest first; empty without a message."""
    return [(name, step.position) for name, step in decision.message.taken] if decision.message else []


def going_along(decision: ContactDecision) -> set[str]:
    """The invoices that travel before their step's own day."""
    return {
        one.invoice_id
        for one in decision.invoices
        if one.verdict is Verdict.SEND and any("goes along" in reason.text for reason in one.reasons)
    }


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else day(value)
