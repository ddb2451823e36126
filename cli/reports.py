"""A plan as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from credit_control.words import Count
from services.outlook_shapes import Leaving, LeavingInvoice, RestingInvoice, RunReport, both_due_days


def plan_as_text(report: RunReport) -> str:
    """What leaves first, then why the rest does not; a block for each contact."""
    found = [one.leaves for one in report.contacts if one.leaves]
    waiting = sum(1 for mail in found if mail.waits)
    lines = [
        f"{report.on:%A %-d %B %Y}: {len(found) - waiting} of {len(report.contacts)} contacts would get a message."
    ]
    if waiting:
        lines.append(f"{Count(waiting, 'message')} more would wait for a person’s word.")
    lines += [f"Held back: {brake}" for brake in report.brakes]
    for contact in report.contacts:
        lines += ["", " ".join(contact.contact_name.split())]
        if contact.leaves:
            lines += _leaving(contact.leaves)
        lines += [line for invoice in contact.rests for line in _resting(invoice)]
    return "\n".join(lines)


def _leaving(mail: Leaving) -> Iterator[str]:
    how = "waits for a person’s word; from" if mail.waits else "leaves"
    yield f"  {how} {mail.planned_for:%Y-%m-%d %H:%M %Z}: {mail.step_name}, to {', '.join(mail.to)}"
    for invoice in mail.invoices:
        amount = f"{invoice.currency} {invoice.amount_due:,.2f}"
        yield f"    {invoice.number}  due {_due(invoice)}  {amount}  ({invoice.step_name})"
    said = [reason.text for reason in mail.reasons]
    if mail.waits and mail.waits not in said:
        said.append(mail.waits)
    yield from (f"    · {text}" for text in said)


def _due(invoice: LeavingInvoice | RestingInvoice) -> str:
    in_ledger, as_agreed = both_due_days(invoice)
    return f"{as_agreed} as agreed ({in_ledger} in the ledger)" if as_agreed else str(in_ledger)


def _resting(invoice: RestingInvoice) -> Iterator[str]:
    following = f"; next: {invoice.next_step.name} on {invoice.next_step.on}" if invoice.next_step else ""
    amount = f"{invoice.currency} {invoice.amount_due:,.2f}"
    yield f"  {invoice.number}  due {_due(invoice)}  {amount}  {invoice.decision}{following}"
    yield from (f"    · {reason.text}" for reason in invoice.reasons)
