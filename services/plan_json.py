"""The plan of one date as JSON: the same for ``dunnock run --json`` and ``POST /runs``. Money is text with its currency."""

from __future__ import annotations

from typing import Any, TypedDict

from services.outlook_shapes import Leaving, LeavingInvoice, RestingInvoice, RunReport, Said, both_due_days


class DueDays(TypedDict):
    """The two due days of an invoice; ``due_as_agreed`` is None where they are the same."""

    due_date: str
    due_as_agreed: str | None


def plan(report: RunReport) -> dict[str, Any]:
    """Per contact what leaves, and why the rest does not."""
    return {
        "on": report.on.isoformat(),
        "dry_run": report.dry_run,
        "brakes": list(report.brakes),
        "contacts": [
            {
                "contact_id": one.contact_id,
                "contact_name": one.contact_name,
                "leaves": _leaving(one.leaves) if one.leaves else None,
                "rests": [_resting(invoice) for invoice in one.rests],
            }
            for one in report.contacts
        ],
    }


def _leaving(mail: Leaving) -> dict[str, Any]:
    return {
        "planned_for": mail.planned_for.isoformat(),
        "to": list(mail.to),
        "step": mail.step_name,
        "note": mail.waits,
        "waits_for_yes": mail.waits is not None,
        "invoices": [
            {
                "invoice_id": one.id,
                "number": one.number,
                **due_days(one),
                "amount_due": f"{one.amount_due:.2f}",
                "currency": one.currency,
                "step": one.step_name,
            }
            for one in mail.invoices
        ],
        "reasons": [_said(reason) for reason in mail.reasons],
    }


def _resting(invoice: RestingInvoice) -> dict[str, Any]:
    following = invoice.next_step
    return {
        "invoice_id": invoice.id,
        "number": invoice.number,
        **due_days(invoice),
        "amount_due": f"{invoice.amount_due:.2f}",
        "currency": invoice.currency,
        "decision": invoice.decision,
        "reasons": [_said(reason) for reason in invoice.reasons],
        "next_step": {"name": following.name, "on": following.on.isoformat()} if following else None,
    }


def due_days(one: LeavingInvoice | RestingInvoice) -> DueDays:
    """``both_due_days`` as JSON has them."""
    in_ledger, as_agreed = both_due_days(one)
    return {"due_date": in_ledger.isoformat(), "due_as_agreed": as_agreed.isoformat() if as_agreed else None}


def _said(reason: Said) -> dict[str, str]:
    return {"rule": reason.rule, "outcome": reason.outcome, "text": reason.text}
