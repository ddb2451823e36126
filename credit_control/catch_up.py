"""The catch-up rule in words: what a schedule does about steps whose day has gone by without a mail.

The rule itself is in ``credit_control.standing``; here a schedule says it of its own steps, so that what is
shown beside it can be read without knowing any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from credit_control.facts import Step

PATTERNS: Final = {
    "reminders": (
        "{0} is sent late when its day was missed",
        (
            "when several of {0} are due at once, because days were missed or a debt is old, by the catch-up rule"
            " only the gravest reminder that is due leaves, once, and the milder ones are not made up for"
        ),
    ),
    "courtesies": (
        "{0} leaves at most one sending day late, and never on or after the due date",
        "{0} leave at most one sending day late, and never on or after the due date",
    ),
    "calls": ("{0} waits until a person has seen to it", "{0} wait until a person has seen to it"),
}
"""What is said of one step, and of several."""


def catch_up_rule(steps: Sequence[Step]) -> str:
    """One sentence on what becomes of the steps that were missed; empty for no steps."""
    said = "; ".join(pattern.format(_list(names)) for pattern, names in parts(steps))
    return f"{said[0].upper()}{said[1:]}." if said else ""


def parts(steps: Sequence[Step]) -> list[tuple[str, list[str]]]:
    """The same as its parts: each a pattern from ``PATTERNS``, and the names of the steps that it is about."""
    mails = [step for step in steps if not step.action.by_person]
    groups = (
        ("reminders", [step.name for step in mails if step.offset_days >= 0]),
        ("courtesies", [step.name for step in mails if step.offset_days < 0]),
        ("calls", [step.name for step in steps if step.action.by_person]),
    )
    return [(PATTERNS[kind][min(len(names), 2) - 1], names) for kind, names in groups if names]


def _list(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
