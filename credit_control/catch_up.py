"""The catch-up rule in words: what a schedule does about steps whose day has gone by without a mail.

The rule itself is in ``credit_control.standing``; here a schedule says it of its own steps, so that what is
shown beside it can be read without knowing any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from credit_control.facts import Step

GRAVEST_ALONE = "by the catch-up rule only the gravest reminder that is due leaves"
"""The heart of the rule; a step that is left out says it in the same words."""


def catch_up_rule(steps: Sequence[Step]) -> str:
    """One sentence on what becomes of the steps that were missed; empty for no steps."""
    mails = [step for step in steps if not step.action.by_person]
    parts = [
        _reminders([step.name for step in mails if step.offset_days >= 0]),
        _courtesies([step.name for step in mails if step.offset_days < 0]),
        _calls([step.name for step in steps if step.action.by_person]),
    ]
    said = "; ".join(part for part in parts if part)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _reminders(names: list[str]) -> str:
    if len(names) < 2:
        return f"{_list(names)} is sent late when its day was missed" if names else ""
    return (
        f"when several of {_list(names)} are due at once, because days were missed or a debt is old,"
        f" {GRAVEST_ALONE}, once, and the milder ones are not made up for"
    )


def _courtesies(names: list[str]) -> str:
    if not names:
        return ""
    verb = "leaves" if len(names) == 1 else "leave"
    return f"{_list(names)} {verb} at most one sending day late, and never on or after the due date"


def _calls(names: list[str]) -> str:
    if not names:
        return ""
    verb = "waits" if len(names) == 1 else "wait"
    return f"{_list(names)} {verb} until a person has seen to it"


def _list(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
