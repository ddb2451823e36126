"""The invoices with all that one asks of each: what is due, disputed, promised and expected, what was said last, what comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.decisions import NextStep
from kit.spreadsheet import Cell
from services.next_steps import next_steps
from services.timeline_events import STATES
from store.agreed import due_days
from store.models import Invoice
from store.queries import disputes
from store.queries import invoice_grid as queries
from store.queries.invoice_grid import LastMessage, Promised, Wanted

COLUMNS = (
    ("number", ""), ("customer", "customer"), ("reference", "reference"), ("date", ""), ("due", "due"),
    ("due_as_agreed", "due"), ("days_late", "due"),
    ("currency", ""), ("total", "amount"), ("due_amount", "amount"), ("disputed", "state"),
    ("promised", "promised"), ("promised_on", "promised"), ("expected_on", "promised"), ("status", "state"),
    ("last_channel", "last"), ("last_at", "last"), ("last_state", "last"), ("next_step", "next"),
    ("next_on", "next"), ("paid_by", "paid_by"),
)  # fmt: skip
"""What a file of invoices has, each with the column of the page that shows it; those without are always there."""


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice of the list."""

    invoice: Invoice
    customer: str
    days_late: int
    """Since it was due by the ledger; 0 for one that is not late, or not open any more."""
    disputed: Decimal
    promised: Promised | None
    status: str
    last: LastMessage | None
    next_step: NextStep | None
    paid_by: Sequence[str]
    due_as_agreed: date | None = None
    """When it is due by special terms, where that is not the ledger's day."""

    @property
    def last_state(self) -> str:
        """How far the last message has come; a call never left, it was written down."""
        if self.last and self.last.channel == "call":
            return "recorded"
        return STATES.get(self.last.status, self.last.status) if self.last else ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A page of the list, and how many there are in all."""

    lines: Sequence[Line]
    total: int


def grid(
    session: Session,
    organisation_id: str,
    wanted: Wanted,
    *,
    today: date,
    now: datetime,
    limit: int,
    offset: int,
) -> Grid:
    """One page of the invoices that are wanted."""
    rows = queries.lines(session, organisation_id, wanted, today, limit=limit, offset=offset)
    total = queries.count(session, organisation_id, wanted, today)
    coming = next_steps(session, organisation_id, owing(rows), now)
    return Grid(lines_of(session, organisation_id, rows, coming, today), total)


def owing(rows: Sequence[tuple[Invoice, str]]) -> set[str]:
    """The customers of those that are open."""
    return {invoice.contact_id for invoice, _ in rows if _is_open(invoice)}


def row_of(line: Line) -> Sequence[Cell]:
    """One line of a file, as ``COLUMNS`` says."""
    one, said, last, following = line.invoice, line.promised, line.last, line.next_step
    return (
        one.number, line.customer, one.reference, one.issued_on, one.due_on,
        line.due_as_agreed, line.days_late,
        one.currency, one.total, one.amount_due,
        line.disputed or None, said.amount if said else None, said.on if said else None, one.expected_on, line.status,
        last.channel if last else None, last.at.date() if last else None, line.last_state or None,
        following.name if following else None, following.on if following else None, ", ".join(line.paid_by),
    )  # fmt: skip


def lines_of(
    session: Session,
    organisation_id: str,
    rows: Sequence[tuple[Invoice, str]],
    coming: Mapping[str, NextStep],
    today: date,
) -> list[Line]:
    """These invoices with all that is shown beside each."""
    ids = [invoice.id for invoice, _ in rows]
    contacts = {invoice.contact_id for invoice, _ in rows}
    resting = disputes.of_invoices(session, organisation_id, [invoice for invoice, _ in rows])
    promised = queries.promised(session, organisation_id, ids)
    last = queries.last_messages(session, organisation_id, ids)
    paid = queries.paid_by(session, organisation_id, ids)
    held = queries.held(session, organisation_id, contacts, today)
    stopped = queries.stopped(session, organisation_id)
    days = due_days(session, organisation_id, [invoice for invoice, _ in rows])
    found = []
    for invoice, customer in rows:
        late = max((today - invoice.due_on).days, 0) if _is_open(invoice) else 0
        disputed = resting.get(invoice.id, Decimal(0))
        is_held = (invoice.contact_id, None) in held or (invoice.contact_id, invoice.id) in held
        status = _status(
            invoice, late, bool(disputed), invoice.id in promised, is_held, invoice.contact_id in stopped
        )
        found.append(
            Line(
                invoice,
                customer,
                late,
                disputed,
                promised.get(invoice.id),
                status,
                last.get(invoice.id),
                coming.get(invoice.id),
                _paid_by(invoice, paid.get(invoice.id, set())),
                days.get(invoice.id),
            )
        )
    return found


def _is_open(invoice: Invoice) -> bool:
    return invoice.status == "AUTHORISED" and invoice.amount_due > 0


def _status(invoice: Invoice, late: int, disputed: bool, promised: bool, held: bool, stopped: bool) -> str:
    """One word, the one that says most."""
    if not _is_open(invoice):
        return {"AUTHORISED": "paid", "PAID": "paid"}.get(invoice.status, invoice.status.lower())
    if disputed:
        return "disputed"
    if promised:
        return "promised"
    if held:
        return "on hold"
    if stopped:
        return "on stop"
    return "overdue" if late else "open"


def _paid_by(invoice: Invoice, kinds: set[str]) -> list[str]:
    """What the ledger says of how it was paid: it knows payments and credits, and no more."""
    return ["payment"] * bool(kinds) + ["credit"] * (invoice.amount_credited > 0)
