"""The tables in the file for a collections agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from credit_control.late_payment.accrual import rounded
from credit_control.late_payment.claim import Claim
from credit_control.words import Day, Money, decimals
from kit.spreadsheet import Cell, Table
from services.promises import in_words
from store.models import Contact, Hold, Invoice, Organisation
from store.queries.payment_plans import Told as Planned
from store.queries.promises import Line as Promised
from store.queries.timeline import Entry


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one customer's debt at one moment."""

    organisation: Organisation
    contact: Contact
    invoices: Sequence[Invoice]
    claims: dict[str, Claim]
    problems: dict[str, str]
    """Why there is no interest on an invoice, by its id."""
    holds: Sequence[Hold]
    promises: Sequence[Promised]
    plans: Sequence[Planned]
    entries: Sequence[Entry]
    today: date


def register(case: Case) -> Table:
    """The invoices, a line each."""
    heading = ("invoice", "reference", "dated", "due", "days_overdue", "currency", "total", "paid", "credited", "open",
               "interest", "compensation", "why_no_interest")  # fmt: skip
    rows: list[Sequence[Cell]] = []
    for one in case.invoices:
        claim = case.claims.get(one.id)
        rows.append(
            (
                one.number,
                one.reference or "",
                one.issued_on,
                one.due_on,
                (case.today - one.due_on).days,
                one.currency,
                one.total,
                one.amount_paid,
                one.amount_credited,
                one.amount_due,
                claim.interest if claim else None,
                claim.compensation if claim else None,
                case.problems.get(one.id, ""),
            )
        )
    return Table("register", heading, rows)


def interest(case: Case) -> Table:
    """The working of interest, a line for each stretch of days."""
    heading = (
        "invoice",
        "rules",
        "from",
        "to",
        "days",
        "on",
        "percent_a_year",
        "amount",
        "currency",
        "counted",
    )
    rows: list[Sequence[Cell]] = []
    for one in case.invoices:
        if claim := case.claims.get(one.id):
            rows += [
                (
                    one.number,
                    claim.rules.title,
                    line.first,
                    line.last,
                    line.days,
                    line.principal,
                    line.percent,
                    rounded(line.amount, decimals(one.currency)),
                    one.currency,
                    line.how,
                )
                for line in claim.lines
            ]
    return Table("interest", heading, rows)


def people(case: Case) -> Table:
    """Whom to reach."""
    contact = case.contact
    name = " ".join(filter(None, (contact.first_name, contact.last_name)))
    rows: list[Sequence[Cell]] = [(contact.name, name, contact.email or "", contact.country or "")]
    rows += [
        (
            contact.name,
            " ".join(filter(None, (person.get("first_name"), person.get("last_name")))),
            person.get("email") or "",
            contact.country or "",
        )
        for person in contact.persons
    ]
    return Table("people", ("customer", "person", "email", "country"), rows)


def holds(case: Case) -> Table:
    """What is disputed, promised or on hold otherwise."""
    numbers = {one.id: one.number for one in case.invoices}
    rows: list[Sequence[Cell]] = [
        (
            hold.kind,
            numbers.get(
                hold.invoice_id or "", "an invoice that is not in this file" if hold.invoice_id else "all"
            ),
            hold.reason,
            hold.until,
            hold.created_by,
            hold.created_at.date(),
        )
        for hold in case.holds
    ]
    rows += [
        (
            "promise",
            ", ".join(line.numbers),
            (
                f"{in_words(line.promise)}: {line.promise.state.replace('_', ' ')},"
                f" {Money(line.promise.paid, line.promise.currency)} came in time"
            ),
            line.promise.grace_until,
            line.promise.recorded_by,
            line.promise.made_on,
        )
        for line in case.promises
    ]
    rows += [
        (
            "payment plan",
            ", ".join(number for _, number in one.invoices),
            "; ".join(
                f"{Money(part.amount, one.plan.currency)} by {Day(part.on)}: {part.state}"
                for part in one.instalments
            ),
            one.instalments[-1].grace_until,
            one.plan.recorded_by,
            one.plan.made_on,
        )
        for one in case.plans
    ]
    return Table("holds", ("kind", "invoice", "reason", "until", "by", "since"), rows)
