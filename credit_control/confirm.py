"""The last look before a message leaves: what was planned, held against a decision on fresh facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from credit_control.decisions import ContactDecision, InvoiceDecision, Message, Outcome, Reason, Verdict
from credit_control.facts import Step

_GONE = "The invoice is no longer in the contact's book."


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The message may leave now, reduced to what still stands."""

    message: Message
    dropped: tuple[tuple[str, str], ...]
    """(invoice id, why it does not travel)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The message must not leave now."""

    reason: str
    not_before: datetime | None = None
    """The same message may be tried again at this moment; None: nothing of it stands."""


def confirm(
    planned: frozenset[tuple[str, int]],
    decision: ContactDecision,
    now: datetime,
    versions: Mapping[str, str] | None = None,
    *,
    at_once: bool = False,
) -> Confirmed | Refused:
    """Hold a planned message, as (invoice id, position of its step), against a decision made at ``now``.

    ``versions`` names the version of a schedule, by invoice, that the step was planned from; the same position
    of another version is another step. Nothing is ever added: an invoice whose step has changed since is
    dropped, to be planned anew. ``at_once``: a person wants it to leave outside the sending window too; the gap to
    the last message keeps it back all the same.
    """
    message = decision.message
    stands = still_taken(planned, message, versions or {}) if message else ()
    dropped = _dropped(planned - {(invoice_id, step.position) for invoice_id, step in stands}, decision)
    if message is None or not stands:
        return Refused(_nothing_left(dropped))
    if message.not_before > now and not (at_once and gap_in_the_way(message) is None):
        return Refused(_delay(message.reasons), message.not_before)
    return Confirmed(replace(message, step=stands[0][1], taken=stands), dropped)


def gap_in_the_way(message: Message) -> Reason | None:
    """Why this message is too soon after the last one; None: it is not."""
    return next((one for one in message.reasons if one.rule == "gap" and one.outcome is Outcome.DELAYS), None)


def still_taken(
    planned: frozenset[tuple[str, int]], message: Message, versions: Mapping[str, str]
) -> tuple[tuple[str, Step], ...]:
    """What of a planned message is in this one too, as (invoice id, step)."""
    return tuple(
        (invoice_id, step)
        for invoice_id, step in message.taken
        if (invoice_id, step.position) in planned
        and versions.get(invoice_id, step.version_id) == step.version_id
    )


def _dropped(fallen: Iterable[tuple[str, int]], decision: ContactDecision) -> tuple[tuple[str, str], ...]:
    by_id = {one.invoice_id: one for one in decision.invoices}
    return tuple((invoice_id, _why(by_id.get(invoice_id))) for invoice_id, _ in sorted(fallen))


def _why(decision: InvoiceDecision | None) -> str:
    if decision is None:
        return _GONE
    if decision.verdict is Verdict.SEND and decision.step:
        return f"Its step is now “{decision.step.name}”, which is to be planned anew."
    return " ".join(reason.text for reason in decision.reasons if reason.outcome is not Outcome.ALLOWS)


def _nothing_left(dropped: tuple[tuple[str, str], ...]) -> str:
    if not dropped:
        return "The message has no invoices, so there is nothing to send."
    return " ".join(dict.fromkeys(why for _, why in dropped))


def _delay(reasons: tuple[Reason, ...]) -> str:
    return " ".join(reason.text for reason in reasons if reason.outcome is Outcome.DELAYS)
