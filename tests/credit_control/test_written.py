"""A schedule as it is written, and the steps that follow from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.facts import Action
from credit_control.people import Role
from credit_control.schedules import PRESETS, check_steps
from credit_control.written import CountedFrom, Repeat, WrittenStep, resolved


def mail(name: str, days: int, *, after: bool = False, **more: object) -> WrittenStep:
    counted_from = CountedFrom.PREVIOUS if after else CountedFrom.DUE
    return WrittenStep(name, days, Action.EMAIL, "first_reminder", counted_from, **more)  # type: ignore[arg-type]


def text(**more: object) -> WrittenStep:
    return WrittenStep("Text", 9, Action.SMS, "text_reminder", **more)  # type: ignore[arg-type]


def test_days_count_from_the_due_date_or_from_the_step_before() -> None:
    steps = resolved([mail("First", 3), mail("Second", 7, after=True), mail("Third", 20)])
    assert [(step.position, step.name, step.offset_days) for step in steps] == [
        (1, "First", 3), (2, "Second", 10), (3, "Third", 20),
    ]  # fmt: skip


def test_the_last_mail_is_repeated_so_often_and_then_comes_the_person() -> None:
    steps = resolved(
        [
            mail("Formal notice", 30, repeat=Repeat(14, 3), needs_go=True),
            WrittenStep("Review", 7, Action.REVIEW, counted_from=CountedFrom.PREVIOUS),
        ]
    )
    assert [(step.name, step.offset_days) for step in steps] == [
        ("Formal notice", 30), ("Formal notice, again", 44), ("Formal notice, again (2)", 58),
        ("Formal notice, again (3)", 72), ("Review", 79),
    ]  # fmt: skip
    assert [step.needs_go for step in steps] == [True] * 4 + [False]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ([mail("First", 3, after=True)], "“First” is the first, so its days count from the due date"),
        ([mail("First", 3, repeat=Repeat()), mail("Second", 90)], "“First” is not the last message"),
        ([mail("First", 3, repeat=Repeat(0, 3))], "“First” is repeated after days"),
        ([mail("First", 3, repeat=Repeat(14, 99))], "“First” can be repeated 1 to 12 times"),
        ([mail("First", 30_000)], "“First” is too far away"),
        ([WrittenStep("Call", 3, Action.CALL, needs_go=True)], "“Call” is for a person already"),
        ([WrittenStep("Call", 3, Action.CALL, notice=True)], "“Call” is for a person already"),
        (
            [WrittenStep("Look", 3, Action.REVIEW, sender="default")],
            "“Look” is a review, in which nothing is",
        ),
        ([text(copies=(Role.OWNER,))], "“Text” is a text message, and only of a mail there are copies"),
        ([text(one_each=True)], "“Text” is a text message, and only a mail goes to each alone"),
        ([text(stops_account_after_days=7)], "“Text” is no mail, so it cannot warn"),
        ([WrittenStep("Call", 3, Action.CALL, one_each=True)], "“Call” is a call, and only a mail goes"),
        ([mail("First", 3)] * 41, "at most 40 steps"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(written: list[WrittenStep], problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(")):
        resolved(written)


def test_a_text_message_can_wait_for_a_go_and_be_told_of() -> None:
    (step,) = resolved([text(needs_go=True, notice=True, sender="default")])
    assert (step.needs_go, step.notice, step.sender) == (True, True, "default")


@pytest.mark.parametrize("name", PRESETS)
def test_what_comes_with_the_product_can_be_written_by_hand(name: str) -> None:
    written = [
        WrittenStep(one.name, one.offset_days, one.action, one.template, only_for=one.only_for)
        for one in PRESETS[name]
    ]
    assert resolved(written) == PRESETS[name]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(1, 30), st.integers(1, 12))
def test_steps_counted_from_each_other_are_always_in_order(days: list[int], every: int, times: int) -> None:
    written = [mail(f"Step {place}", one, after=place > 0) for place, one in enumerate(days)]
    last = written[-1]
    repeated = WrittenStep(
        last.name, last.days, last.action, last.template, last.counted_from, repeat=Repeat(every, times)
    )
    steps = resolved([*written[:-1], repeated])
    check_steps(steps)
    assert len(steps) == len(days) + times
