"""The schedules that come with the product, and what is said about unsound ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credit_control.facts import Action, Step
from credit_control.schedules import DEFAULT_PRESET, FIRM, GENTLE, PRESETS, STANDARD, check_steps


@pytest.mark.parametrize("steps", PRESETS.values(), ids=PRESETS)
def test_every_preset_is_sound_and_has_nothing_on_the_due_date(steps: tuple[Step, ...]) -> None:
    check_steps(steps)
    assert all(step.offset_days != 0 for step in steps)
    assert steps[-1].action is Action.REVIEW


def test_the_presets_have_the_offsets_that_the_help_page_promises() -> None:
    assert [step.offset_days for step in GENTLE] == [-3, 3, 10, 20, 35]
    assert [step.offset_days for step in STANDARD] == [-3, 2, 7, 14, 21, 30, 37]
    assert [step.offset_days for step in FIRM] == [-5, 1, 5, 9, 12, 16, 23]
    assert PRESETS[DEFAULT_PRESET] is STANDARD


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "at least one step"),
        ((STANDARD[1],), "numbered 1, 2, 3"),
        ((STANDARD[1], STANDARD[0]), "numbered 1, 2, 3"),
        ((replace(STANDARD[0], name=" "),), "Step 1 has no name"),
        ((replace(STANDARD[0], template=None),), "is a mail, but has no template"),
        ((Step(1, "Review", 5, Action.REVIEW, "courtesy"),), "takes no template"),
        ((STANDARD[0], replace(STANDARD[1], name="Courtesy note")), "the same name"),
        ((STANDARD[0], replace(STANDARD[1], offset_days=-3)), "“First reminder” comes after “Courtesy note”"),
    ],
)
def test_an_unsound_list_of_steps_is_refused_in_one_sentence(steps: tuple[Step, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_steps(steps)
