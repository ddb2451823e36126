"""The rules that keep an invoice from being chased, whatever its schedule says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from credit_control.calendar import add_working_days
from credit_control.credit.special_terms import Standing
from credit_control.decisions import Outcome, Reason, Verdict
from credit_control.facts import ERASED, RESTRICTED, Contact, DaysOff, Invoice, Policy
from credit_control.resting import Hold, HoldKind, Promise
from credit_control.words import Day, Money

_HELD_BECAUSE = {
    HoldKind.REPLY: "The contact has answered",
    HoldKind.PERSON: "A colleague has put this on hold",
    HoldKind.DISPUTE: "The invoice is in dispute",
    HoldKind.PROMISE: "Payment is promised",
    HoldKind.PLAN: "A payment plan covers it",
    HoldKind.PAID_CLAIM: "The customer says that it has paid",
    HoldKind.BOUNCE: "Mail to the contact came back",
    HoldKind.LOST: "Something was said that is not on record here",
}
_CREDIT_IS_DUE = "The customer was right, and a credit is due for all that is left of the invoice: {0}. "
_HONOURED = (
    "It was paid in time as agreed in special terms. The discount, {0}, needs a credit note in the ledger and is not asked"
    " for."
)
_UNTIL_CREDITED = "It rests until the credit is in the ledger."


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that keeps an invoice from being chased, up to and including ``until`` (None: open end)."""

    verdict: Verdict
    reason: Reason
    until: date | None = None
    by_mail_only: bool = False
    """Only mail cannot reach the contact; a text may, and a person may call."""


def is_open(invoice: Invoice) -> bool:
    """Whether the ledger says that money is owed: approved, and not yet paid in full."""
    return invoice.status == "AUTHORISED" and invoice.amount_due > 0


_OURS = {
    RESTRICTED: "The contact is restricted: it is kept, and nobody writes to it (Art. 18 GDPR).",
    ERASED: "The contact was erased here, and nobody writes to it.",
    "ARCHIVED": "The ledger has the contact as ARCHIVED; only ACTIVE ones are chased.",
    "GDPRREQUEST": "The ledger has the contact as GDPRREQUEST; only ACTIVE ones are chased.",
}


def contact_stops(contact: Contact) -> tuple[Stop, ...]:
    """What about the contact itself forbids chasing; empty for an active one with an address."""
    reached = _is_reached(contact)
    if contact.status == "ACTIVE" and reached:
        return ()
    stops: list[Stop] = []
    if contact.status != "ACTIVE":
        pattern = _OURS.get(contact.status, "The ledger has the contact as {0}; only ACTIVE ones are chased.")
        stops.append(Stop(Verdict.HOLD, Reason("contact", Outcome.STOPS, pattern, (contact.status,))))
    if not reached:
        stops.append(Stop(Verdict.HOLD, _unreached(contact), by_mail_only=True))
    return tuple(stops)


def _is_reached(contact: Contact) -> bool:
    """Whether anybody there has an address that mail goes to; to whom of them a message goes, its step says."""
    if contact.people:
        return any(one.email and not one.no_mail for one in contact.people)
    return bool(contact.email and contact.email.strip())


def _unreached(contact: Contact) -> Reason:
    """Nobody there can be written to: there is no address, or no mail goes to any."""
    told = " ".join(
        f"No mail goes to {one.email}, because {one.why_no_mail}."
        for one in contact.people
        if one.email and one.no_mail
    )
    if not told:
        pattern = "The contact has no usable e-mail address; put one into the ledger, and only one."
        return Reason("contact", Outcome.STOPS, pattern)
    pattern = (
        "{0} Nobody else there has an address: enter somebody on the customer’s page, or correct the address"
        " in the ledger."
    )
    return Reason("contact", Outcome.STOPS, pattern, (told,))


def hold_stops(holds: Iterable[Hold], today: date) -> dict[str | None, tuple[Stop, ...]]:
    """The holds in force on ``today`` by invoice id; those of the whole contact under ``None``."""
    stops: dict[str | None, tuple[Stop, ...]] = {}
    for hold in holds:
        if hold.until is None or today <= hold.until:
            stops[hold.invoice_id] = (*stops.get(hold.invoice_id, ()), _hold_stop(hold))
    return stops


def _hold_stop(hold: Hold) -> Stop:
    if hold.kind is HoldKind.PLAN and hold.reason.strip():
        return Stop(Verdict.HOLD, Reason("hold_plan", Outcome.STOPS, "{0}", (hold.reason,)), hold.until)
    if hold.kind is HoldKind.PROMISE and hold.until and hold.reason.strip():
        pattern = "{0}; chasing waits until {1}, that day included."
        promised = (hold.reason.strip().rstrip("."), Day(hold.until))
        return Stop(Verdict.HOLD, Reason("hold_promise", Outcome.STOPS, pattern, promised), hold.until)
    if hold.kind is HoldKind.PROMISE and hold.reason.strip():
        pattern = "{0}; that time is over, and chasing waits until the books have been read."
        return Stop(
            Verdict.HOLD, Reason("hold_promise", Outcome.STOPS, pattern, (hold.reason.strip().rstrip("."),))
        )
    because = "{0}: {1}" if hold.reason.strip() else "{0}"
    ending = "Held until {2}, that day included." if hold.until else "Held until somebody lifts it."
    values: tuple[object, ...] = (_HELD_BECAUSE[hold.kind], hold.reason.strip().rstrip("."))
    if hold.until:
        values = (*values, Day(hold.until))
    reason = Reason(f"hold_{hold.kind}", Outcome.STOPS, f"{because}. {ending}", values)
    return Stop(Verdict.HOLD, reason, hold.until, by_mail_only=hold.kind is HoldKind.BOUNCE)


def broken_stop(promises: Iterable[Promise], today: date) -> Stop | None:
    """Reminders wait for the mail about a promise that was not kept, which takes the place of the next one."""
    for promise in promises:
        until = promise.follow_up_until
        if until and not promise.is_answered and today <= until:
            pattern = "{0} promised by {1} did not come in full; a mail about that leaves in place of the next reminder."
            values = (Money(promise.amount, promise.currency), Day(promise.promised_on))
            return Stop(Verdict.WAIT, Reason("broken_promise", Outcome.DELAYS, pattern, values), until)
    return None


def expected_stop(invoice: Invoice, policy: Policy, today: date) -> Stop | None:
    """Wait for a payment that somebody expects, and some working days longer (``promise_grace_days``)."""
    if invoice.expected_on is None:
        return None
    until = last_day_of_grace(invoice.expected_on, policy.promise_grace_days, policy.window.off)
    if today > until:
        return None
    pattern = "Payment is expected on {0}; chasing waits until {1}, that day included."
    days = (Day(invoice.expected_on), Day(until))
    return Stop(Verdict.WAIT, Reason("expected_date", Outcome.DELAYS, pattern, days), until)


def dispute_stop(invoice: Invoice) -> Stop | None:
    """Let an invoice rest of which everything that is due is in dispute; of others the rest is asked for."""
    if not invoice.disputed or invoice.in_full > 0:
        return None
    because = invoice.disputed_because.strip().rstrip(".")
    begins = _CREDIT_IS_DUE if invoice.credit_is_due else f"{_HELD_BECAUSE[HoldKind.DISPUTE]}: {{0}}. "
    ending = _UNTIL_CREDITED if invoice.credit_is_due else "It rests until the dispute is settled."
    return Stop(Verdict.HOLD, Reason("dispute", Outcome.STOPS, f"{begins}{ending}", (because,)))


def terms_stop(invoice: Invoice) -> Stop | None:
    """Let an invoice rest of which special terms ask for nothing: it was paid as agreed, or the discount is all that is left."""
    if invoice.special is None or invoice.special.amount > 0 or invoice.in_full <= 0:
        return None
    left = Money(invoice.in_full, invoice.currency)
    if invoice.special.standing is Standing.HONOURED:
        return Stop(Verdict.HOLD, Reason("special_terms", Outcome.STOPS, _HONOURED, (left,)))
    until = invoice.offered_until
    pattern = "No more than the agreed discount is left, {0}, so nothing is asked for up to {1}."
    values = (left, Day(until)) if until else (left, left)
    return Stop(Verdict.WAIT, Reason("special_terms", Outcome.DELAYS, pattern, values), until)


@lru_cache(maxsize=4096)
def last_day_of_grace(expected_on: date, days: int, off: DaysOff) -> date:
    """So many working days after the day on which somebody expects the money; until then, that day included, nobody asks."""
    return add_working_days(expected_on, days, off)
