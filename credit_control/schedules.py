"""The schedules that come with the product, and what makes a list of steps a sound one.

Offsets are days from the due date. No preset has a step on day 0: transfers made that day are not in
the books yet. After the formal notice a person decides; nothing graver leaves by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from credit_control.facts import Action, Schedule, Step
from credit_control.only_for import OnlyFor
from credit_control.words import decimals


def _mail(position: int, offset_days: int, name: str, template: str) -> Step:
    return Step(position, name, offset_days, Action.EMAIL, template)


GENTLE = (
    replace(_mail(1, -3, "Courtesy note", "courtesy"), only_for=OnlyFor(first_invoice=True)),
    _mail(2, 3, "First reminder", "first_reminder"),
    _mail(3, 10, "Second reminder", "second_reminder"),
    Step(4, "Call", 20, Action.CALL),
    Step(5, "Review", 35, Action.REVIEW),
)

STANDARD = (
    _mail(1, -3, "Courtesy note", "courtesy"),
    _mail(2, 2, "First reminder", "first_reminder"),
    _mail(3, 7, "Second reminder", "second_reminder"),
    _mail(4, 14, "Third reminder", "third_reminder"),
    Step(5, "Call", 21, Action.CALL),
    _mail(6, 30, "Formal notice", "formal_notice"),
    Step(7, "Review", 37, Action.REVIEW),
)

FIRM = (
    _mail(1, -5, "Courtesy note", "courtesy"),
    _mail(2, 1, "First reminder", "first_reminder"),
    _mail(3, 5, "Second reminder", "second_reminder"),
    Step(4, "Text message", 9, Action.SMS, "text_reminder"),
    Step(5, "Call", 12, Action.CALL),
    _mail(6, 16, "Formal notice", "formal_notice"),
    Step(7, "Final review", 23, Action.REVIEW),
)

_NEEDS_TEXT = frozenset({Action.EMAIL, Action.SMS, Action.LETTER})
"""A call has one where somebody wrote what to say; else there is a usual one."""

PRESETS = {"Gentle": GENTLE, "Standard": STANDARD, "Firm": FIRM}
DEFAULT_PRESET = "Standard"
_LARGE, _LARGE_WITHOUT_HUNDREDTHS = Decimal(1_000), Decimal(100_000)


def preset(name: str, base_currency: str) -> tuple[Step, ...]:
    """The steps with which an organisation begins whose books are in this currency (ISO 4217).

    What is meant for first invoices is meant for large ones too: from 1,000 of that currency, or from 100,000 of one
    that has no hundredths. In other currencies nothing is large until somebody says from when on.
    """
    large = _LARGE if decimals(base_currency) else _LARGE_WITHOUT_HUNDREDTHS
    limit = OnlyFor(first_invoice=True, at_least=((base_currency, large),))
    return tuple(replace(step, only_for=limit) if step.only_for else step for step in PRESETS[name])


@lru_cache(maxsize=4096)
def carried(old: Schedule, position: int, current: Schedule) -> int:
    """What a step of another version or schedule counts for: all of its lane that would come no later. 0: nothing."""
    found = next((step for step in old.steps if step.position == position), None)
    if found is None:
        return 0
    by_person = found.action.by_person
    behind = [
        step.position
        for step in current.steps
        if step.action.by_person == by_person and step.offset_days <= found.offset_days
    ]
    return max(behind, default=0)


def check_steps(steps: Sequence[Step]) -> None:
    """Raise ``ValueError`` with one sentence on the first thing that is wrong with a list of steps."""
    if not steps:
        raise ValueError("A schedule needs at least one step; add one.")
    if [step.position for step in steps] != list(range(1, len(steps) + 1)):
        raise ValueError(
            "The steps of a schedule are numbered 1, 2, 3 and so on; number them in their order."
        )
    for step in steps:
        _check_step(step)
    if len({step.name for step in steps}) < len(steps):
        raise ValueError("Two steps of a schedule have the same name; give each its own.")
    for earlier, later in pairwise(steps):
        if later.offset_days <= earlier.offset_days:
            raise ValueError(
                f"“{later.name}” comes after “{earlier.name}”, so its day must be later; change its offset."
            )


def _check_step(step: Step) -> None:
    if not step.name.strip():
        raise ValueError(f"Step {step.position} has no name; give it one.")
    if step.action in _NEEDS_TEXT and not step.template:
        raise ValueError(f"“{step.name}” is a {step.action.noun}, but has no template; choose one.")
    if step.action is Action.REVIEW and step.template:
        raise ValueError(f"“{step.name}” is a review, so it takes no template; remove it.")
