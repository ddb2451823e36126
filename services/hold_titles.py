"""What a story says of a hold: why, of which invoice, and until when, each a sentence of its own."""

from __future__ import annotations

from datetime import date

from credit_control.resting import HoldKind
from credit_control.words import Day

HELD_BECAUSE: dict[str, str] = {
    HoldKind.REPLY: "On hold after an answer",
    HoldKind.PERSON: "Put on hold",
    HoldKind.DISPUTE: "In dispute",
    HoldKind.PROMISE: "Payment promised",
    HoldKind.BOUNCE: "On hold, because mail came back",
    HoldKind.PAID_CLAIM: "Said to be paid",
    HoldKind.PLAN: "A payment plan is kept to",
    HoldKind.LOST: "On hold, because something is not on record here",
}
"""What is said of a hold, by its kind."""
_TITLES: dict[str, tuple[str, str, str]] = {
    HoldKind.REPLY: (
        "On hold after an answer until {1}",
        "On hold after an answer, invoice {0}",
        "On hold after an answer, invoice {0} until {1}",
    ),
    HoldKind.PERSON: (
        "Put on hold until {1}",
        "Put on hold, invoice {0}",
        "Put on hold, invoice {0} until {1}",
    ),
    HoldKind.DISPUTE: (
        "In dispute until {1}",
        "In dispute, invoice {0}",
        "In dispute, invoice {0} until {1}",
    ),
    HoldKind.PROMISE: (
        "Payment promised until {1}",
        "Payment promised, invoice {0}",
        "Payment promised, invoice {0} until {1}",
    ),
    HoldKind.BOUNCE: (
        "On hold, because mail came back until {1}",
        "On hold, because mail came back, invoice {0}",
        "On hold, because mail came back, invoice {0} until {1}",
    ),
    HoldKind.PAID_CLAIM: (
        "Said to be paid until {1}",
        "Said to be paid, invoice {0}",
        "Said to be paid, invoice {0} until {1}",
    ),
    HoldKind.PLAN: (
        "A payment plan is kept to until {1}",
        "A payment plan is kept to, invoice {0}",
        "A payment plan is kept to, invoice {0} until {1}",
    ),
    HoldKind.LOST: (
        "On hold, because something is not on record here until {1}",
        "On hold, because something is not on record here, invoice {0}",
        "On hold, because something is not on record here, invoice {0} until {1}",
    ),
}
"""The same with a last day, with an invoice, and with both."""


def title_of_hold(kind: str, number: str | None, until: date | None) -> str:
    """One line for a hold: ``number`` is that of the invoice it is about, ``until`` its last day."""
    known = kind if kind in HELD_BECAUSE else HoldKind.PERSON
    if not number and not until:
        return HELD_BECAUSE[known]
    dated, numbered, both = _TITLES[known]
    pattern = both if number and until else numbered if number else dated
    return pattern.format(number, Day(until) if until else "")
