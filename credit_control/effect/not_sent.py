"""Why a planned reminder did not leave, told from the sentence that was kept with it.

The sentences are those of the rules (``credit_control.stops``, ``standing``, ``balance``) and of whoever cancels. They are
looked for by their fixed words, in an order in which the gravest comes first: a sentence may have several parts.
"""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """What kept a reminder from leaving."""

    PAID = "paid"
    WITHDRAWN = "withdrawn"
    DISPUTED = "disputed"
    SAID_PAID = "said_paid"
    PROMISED = "promised"
    ANSWERED = "answered"
    CREDIT = "credit"
    ON_HOLD = "on_hold"
    NOT_CHASED = "not_chased"
    NO_ADDRESS = "no_address"
    TOO_LITTLE = "too_little"
    PLANNED_ANEW = "planned_anew"
    WINDOW = "window"
    OTHER = "other"


NO_ERROR_AVOIDED = frozenset({Why.PLANNED_ANEW, Why.WINDOW, Why.OTHER})
"""Not sent as it was planned, but nothing wrong was kept from a customer by that, as far as is known."""

_BEGINS: tuple[tuple[Why, tuple[str, ...]], ...] = (
    (Why.DISPUTED, ("Not sent, because an invoice of it is in dispute",)),
    (Why.PLANNED_ANEW, ("Planned anew", "Its step is now", "A step of it is already behind")),
    (Why.WINDOW, ("The sending window closed",)),
)
_HAS: tuple[tuple[Why, tuple[str, ...]], ...] = (
    (Why.PAID, ("Nothing is left to pay on this invoice.", "The ledger has this invoice as PAID;")),
    (Why.WITHDRAWN, ("The ledger has this invoice as ", "The invoice is no longer in the contact's book.")),
    (Why.DISPUTED, ("The invoice is in dispute", "The customer was right, and a credit is due")),
    (Why.SAID_PAID, ("The customer says that it has paid",)),
    (
        Why.PROMISED,
        ("Payment is promised", "A payment plan covers it", "; chasing waits until ", "; that time is over, and chasing"),
    ),
    (Why.PROMISED, (" did not come in full; a mail about that", "payment plan")),
    (Why.ANSWERED, ("The contact has answered",)),
    (Why.CREDIT, ("Unallocated credit of ",)),
    (Why.NOT_CHASED, ("Not chased, by the rule", "” is paused", "The contact is restricted", "The contact was erased")),
    (Why.NOT_CHASED, ("The ledger has the contact as ", "The contact is no longer in the ledger.")),
    (Why.NO_ADDRESS, ("Mail to the contact came back", "has no usable e-mail address", "No mail goes to ")),
    (Why.ON_HOLD, ("A colleague has put this on hold", "Something was said that is not on record here", "Held until")),
    (Why.TOO_LITTLE, (" is overdue, less than the minimum of ",)),
    (Why.PLANNED_ANEW, ("The next step is “", "is to be planned anew", "is left out")),
)  # fmt: skip


def why(sentence: str | None) -> Why:
    """What this sentence says; ``OTHER`` where none of the known ones is in it, or there is none any more."""
    if not sentence:
        return Why.OTHER
    for found, beginnings in _BEGINS:
        if sentence.startswith(beginnings):
            return found
    for found, phrases in _HAS:
        if any(phrase in sentence for phrase in phrases):
            return found
    return Why.OTHER
