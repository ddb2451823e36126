"""One event of a story in words, whichever table knows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from credit_control.words import Day, Money
from kit.wording import N_
from services.hold_titles import title_of_hold
from store.models import Communication
from store.queries import history_sources
from store.queries.history import Mark
from store.queries.history_sources import Group
from store.queries.timeline import Entry, Told, step_name

_UNDATED = frozenset(
    {
        history_sources.MESSAGE,
        history_sources.VOIDED,
        history_sources.HELD,
        history_sources.RELEASED,
        history_sources.WARNED,
        history_sources.SPARED,
    }
)
STATES = {
    "planned": "queued",
    "held": "held",
    "sending": "leaving",
    "received": "received",
    "cancelled": "cancelled",
}
"""What the states of messages are to a reader, where that is another word."""
RECORDS = {
    "promise": "Promise to pay",
    "plan": "Payment plan",
    "dispute": "Dispute",
    "paid_claim": "Said to be paid",
    "hold": "Put on hold",
    "release": "Hold released",
    "stop": "Account on stop",
    "lift": "Account no longer on stop",
    "watch": "Account on watch",
    "watch_ended": "Account no longer on watch",
    "fee": "Late fee",
    "moved": "Moved to another schedule",
    "limit": "Credit limit",
    "ledger_terms": "Payment terms changed",
    "terms": "Special terms",
    "terms_back": "Special terms taken back",
    "limit_exceeded": "Credit limit exceeded",
    "credit_report": "Credit report",
    "no_mail": "No more mail goes to an address",
    "mail_again": "Mail goes to an address again",
    "merged": "Merged in Xero",
    "history": "Note in Xero",
    "call": "Call",
    "note": "Note",
    "letter": "Letter",
    "review": "Review",
    "skip": "Step left out",
    "auto_reply": "Automatic answer",
    "chaser": "Chaser",
    "reply": "Reply",
    "answer": "Answer",
    "thanks": "Thanks",
    "statement": "Statement",
    "invoice": "Invoice",
    "confirmation": "Confirmation",
    "campaign": "Campaign",
    "broken_promise": "Broken promise",
    "promise_due": "Promise due",
    "dispute_resolved": "Dispute resolved",
    "instalment_due": "Instalment due",
}
"""What is written down, by its kind."""
OLD_DEBT = N_("Left alone as old debt, as was chosen in the set-up.")
_PAID = {
    "ACCRECPAYMENT": ("Payment of {0}", "Payment of {0} on {1}"),
    "ARCREDITPAYMENT": ("Refund of a credit note of {0}", "Refund of a credit note of {0} on {1}"),
    "AROVERPAYMENTPAYMENT": ("Refund of an overpayment of {0}", "Refund of an overpayment of {0} on {1}"),
    "ARPREPAYMENTPAYMENT": ("Refund of a prepayment of {0}", "Refund of a prepayment of {0} on {1}"),
}
"""What is said of a payment, by its kind: without and with the number of the invoice."""
_CREDITS = {
    "credit_note": ("Credit note of {0}", "Credit note {1} of {0}"),
    "overpayment": ("Overpayment of {0}", "Overpayment {1} of {0}"),
    "prepayment": ("Prepayment of {0}", "Prepayment {1} of {0}"),
    "": ("Credit of {0}", "Credit {1} of {0}"),
}
"""What is said of a credit, by its kind: without and with its number. The last is any other."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``ref`` names it within its story, and is its anchor on a page."""

    ref: str
    at: datetime
    dated: bool
    """Its day alone is known; ``at`` is the beginning of it."""
    group: Group
    kind: str
    title: str
    text: str = ""
    reason: str = ""
    """Why it is as it is, in words."""
    by: str = ""
    """Who did, said or wrote it."""
    to: tuple[str, ...] = ()
    channel: str | None = None
    state: str | None = None
    invoices: tuple[Told, ...] = ()
    entry: Entry | None = field(default=None, compare=False)
    """Of a message: all of it."""

    @property
    def searchable(self) -> str:
        """All of its words."""
        told = (f"{one.number} {one.amount_due:f}" for one in self.invoices)
        return "\n".join((self.title, self.text, self.reason, self.by, *told))

    @property
    def message(self) -> Communication | None:
        return self.entry.message if self.entry else None


def of_message(mark: Mark, entry: Entry) -> Event:
    """A message, a call or a note, as it stands now."""
    message = entry.message
    return Event(
        ref=mark.place.ref,
        at=mark.place.at,
        dated=False,
        group=history_sources.group_of(message.direction, message.channel, message.kind),
        kind=message.kind,
        title=title_of(message),
        text=message.body_text or "",
        reason=message.reason or "",
        by=message.from_name or message.from_email or "",
        to=tuple(message.to),
        channel=message.channel,
        state=state_of(entry),
        invoices=tuple(entry.invoices),
        entry=entry,
    )


def title_of(message: Communication) -> str:
    """A message, call or note in one line."""
    if message.channel == "note" and message.kind in RECORDS:
        label, said = RECORDS[message.kind], message.subject
        return f"{label}: {said}" if said and said.casefold() != label.casefold() else label
    return (
        message.subject
        or message.step_name
        or RECORDS.get(message.kind)
        or message.kind.replace("_", " ").capitalize()
    )


def state_of(entry: Entry) -> str:
    """How far a message has come: the last thing that is known of it. ``opened`` only where the provider said so."""
    message = entry.message
    if entry.left_out or message.kind == history_sources.SKIP or (message.occasion or {}).get("left_out"):
        return "skipped"
    if message.direction == "out" and message.channel in ("call", "note"):
        return "recorded"
    if entry.answered:
        return "answered"
    if message.direction == "in":
        return "received"
    if message.status == "delivered" and any(one.event in ("open", "click") for one in entry.reports):
        return "opened"
    return STATES.get(message.status, message.status)


def of_row(mark: Mark) -> Event:
    """What is no message."""
    words = _WORDS[mark.source](mark.row)
    return Event(ref=mark.place.ref, at=mark.place.at, dated=mark.source not in _UNDATED, **words)


def _payment(row: Row[Any]) -> dict[str, Any]:
    plain, numbered = _PAID.get(row.kind, _PAID["ACCRECPAYMENT"])
    title = (numbered if row.number else plain).format(Money(row.amount, row.currency), row.number)
    gone = row.status != "AUTHORISED"
    return {
        "group": Group.MONEY,
        "kind": "payment",
        "title": N_("{0}, taken back in the ledger").format(title) if gone else title,
        "state": "deleted" if gone else None,
        "invoices": (Told(row.invoice_id, row.number, row.currency, row.amount),) if row.number else (),
    }


def _credit(row: Row[Any]) -> dict[str, Any]:
    plain, numbered = _CREDITS.get(row.kind, _CREDITS[""])
    title = (numbered if row.number else plain).format(Money(row.total, row.currency), row.number)
    left = N_("{0} of it is not allocated to an invoice.").format(Money(row.remaining, row.currency))
    gone = row.status in ("VOIDED", "DELETED")
    return {
        "group": Group.MONEY,
        "kind": row.kind,
        "title": N_("{0}, voided").format(title) if gone else title,
        "text": left if row.remaining and not gone else "",
    }


def _issued(row: Row[Any]) -> dict[str, Any]:
    due = N_("Due {0}. Reference {1}.") if row.reference else N_("Due {0}.")
    return _of_invoice(
        row,
        "issued",
        N_("Invoice {0} issued: {1}").format(row.number, Money(row.total, row.currency)),
        due.format(Day(row.due_on), row.reference),
        row.total,
    )


def _due(row: Row[Any]) -> dict[str, Any]:
    paid = N_("Paid in full on {0}.").format(Day(row.fully_paid_on)) if row.fully_paid_on else ""
    still = N_("{0} is still open.").format(Money(row.amount_due, row.currency)) if row.amount_due else ""
    return _of_invoice(
        row, "due", N_("Invoice {0} was due").format(row.number), paid or still, row.amount_due
    )


def _voided(row: Row[Any]) -> dict[str, Any]:
    deleted = row.status == "DELETED"
    title = N_("Invoice {0} deleted in the ledger") if deleted else N_("Invoice {0} voided in the ledger")
    return _of_invoice(row, "voided", title.format(row.number), "", row.amount_due)


def _of_invoice(row: Row[Any], kind: str, title: str, text: str, amount: Decimal) -> dict[str, Any]:
    return {
        "group": Group.MONEY,
        "kind": kind,
        "title": title,
        "text": text,
        "invoices": (Told(row.id, row.number, row.currency, amount),),
    }


def _held(row: Row[Any]) -> dict[str, Any]:
    return {
        "group": Group.DECISIONS,
        "kind": "hold",
        "title": title_of_hold(row.kind, row.number, row.until),
        "text": row.reason,
        "by": row.created_by,
    }


def _released(row: Row[Any]) -> dict[str, Any]:
    return {
        "group": Group.DECISIONS,
        "kind": "release",
        "title": N_("Hold released, invoice {0}").format(row.number) if row.number else "Hold released",
        "text": N_("It was: {0}").format(row.reason),
        "by": row.released_by or "",
    }


def _warned(row: Row[Any]) -> dict[str, Any]:
    return {
        "group": Group.DECISIONS,
        "kind": "stop_warning",
        "title": N_("Account to be stopped on {0}").format(Day(row.stop_on)),
        "text": row.reason,
        "by": row.created_by,
    }


def _spared(row: Row[Any]) -> dict[str, Any]:
    return {
        "group": Group.DECISIONS,
        "kind": "stop_warning_over",
        "title": N_("Account not stopped after all"),
        "text": N_("It was: {0}").format(row.reason),
        "by": row.lifted_by or "",
    }


def _left_out(row: Row[Any]) -> dict[str, Any]:
    return {
        "group": Group.DECISIONS,
        "kind": "skip",
        "title": N_("{0} left out for {1}").format(step_name(row.steps, row.position), row.number),
        "reason": OLD_DEBT if row.old_debt else "",
        "state": "skipped",
    }


_WORDS: Mapping[str, Callable[[Row[Any]], dict[str, Any]]] = {
    history_sources.PAYMENT: _payment,
    history_sources.CREDIT: _credit,
    history_sources.ISSUED: _issued,
    history_sources.DUE: _due,
    history_sources.VOIDED: _voided,
    history_sources.HELD: _held,
    history_sources.RELEASED: _released,
    history_sources.WARNED: _warned,
    history_sources.SPARED: _spared,
    history_sources.LEFT_OUT: _left_out,
}
