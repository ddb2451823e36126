"""The agreement on a payment plan, on paper: what is owed, the instalments, and that nobody is chased while they come."""

from __future__ import annotations

from sqlalchemy.orm import Session

from credit_control.words import Day, Money
from integration.email.mailer import File
from kit.pdf import Letter, Table, letter_pdf
from services.merge_fields import one_line
from store.models import Organisation
from store.queries import api, payment_plans
from store.queries.payment_plans import Told

_WHILE = (
    "While the instalments come by their days we send no reminders for these invoices. Please tell us before a day"
    " that you cannot keep, so that we can agree on another."
)


def printed(session: Session, organisation: Organisation, one: Told) -> File:
    """The agreement as it stands, as a file. Letters that its type lacks are left as gaps."""
    plan = one.plan
    ids = [invoice_id for invoice_id, _ in one.invoices]
    invoices = api.invoices_of_contact(session, organisation.id, plan.contact_id, ids)
    due = {line.invoice_id: line.due_then for line in payment_plans.lines(session, organisation.id, plan.id)}
    owed = Table(
        ("Invoice", "Due", "Open when agreed"),
        tuple(
            (one_line(row.number), str(Day(row.due_on)), str(Money(due[row.id], plan.currency)))
            for row in sorted(invoices, key=lambda row: (row.due_on, row.number))
        ),
        frozenset({2}),
    )
    parts = Table(
        ("Instalment", "By", "Amount"),
        tuple(
            (str(part.number), str(Day(part.on)), str(Money(part.amount, plan.currency)))
            for part in one.instalments
        ),
        frozenset({2}),
        ("Total", "", str(Money(plan.amount, plan.currency))),
    )
    proposal = plan.state in ("proposed", "declined")
    begin = "It was proposed to pay" if proposal else "We have agreed that you pay"
    letter = Letter(
        sender=(one_line(organisation.name),),
        to=(one_line(one.contact_name),),
        date=str(Day(plan.made_on)),
        subject=f"Payment plan{', proposed' if proposal else ''}"
        f"{f', version {plan.version}' if plan.version > 1 else ''}",
        body=(f"{begin} what is open on these invoices:", owed, "in these instalments:", parts, _WHILE),
    )
    name = f"payment-plan-{plan.made_on:%Y-%m-%d}-{plan.version}.pdf"
    return File(name, "application/pdf", letter_pdf(letter, gaps=True))
