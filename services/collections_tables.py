"""The tables in the file for a collections agency, as CSV for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO

from credit_control.late_payment.accrual import rounded
from credit_control.late_payment.claim import Claim
from credit_control.words import decimals
from store.models import Contact, Hold, Invoice, Organisation
from store.queries.timeline import Entry

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    entries: Sequence[Entry]
    today: date


def register(case: Case) -> bytes:
    """The invoices, a line each."""
    heading = ("invoice", "reference", "dated", "due", "days_overdue", "currency", "total", "paid", "credited", "open",
               "interest", "compensation", "why_no_interest")  # fmt: skip
    rows = []
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
                claim.interest if claim else "",
                claim.compensation if claim else "",
                case.problems.get(one.id, ""),
            )
        )
    return _csv(heading, rows)


def interest(case: Case) -> bytes:
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
    rows = []
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
    return _csv(heading, rows)


def people(case: Case) -> bytes:
    """Whom to reach."""
    contact = case.contact
    name = " ".join(filter(None, (contact.first_name, contact.last_name)))
    rows = [(contact.name, name, contact.email or "", contact.country or "")]
    rows += [
        (
            contact.name,
            " ".join(filter(None, (person.get("first_name"), person.get("last_name")))),
            person.get("email") or "",
            contact.country or "",
        )
        for person in contact.persons
    ]
    return _csv(("customer", "person", "email", "country"), rows)


def holds(case: Case) -> bytes:
    """What is disputed, promised or on hold otherwise."""
    numbers = {one.id: one.number for one in case.invoices}
    rows = [
        (
            hold.kind,
            numbers.get(
                hold.invoice_id or "", "an invoice that is not in this file" if hold.invoice_id else "all"
            ),
            hold.reason,
            hold.until or "",
            hold.created_by,
            hold.created_at.date(),
        )
        for hold in case.holds
    ]
    return _csv(("kind", "invoice", "reason", "until", "by", "since"), rows)


def _csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode(
        "utf-8-sig"
    )  # with its mark, because spreadsheets take it for another encoding


def _plain(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, Decimal | int):
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
