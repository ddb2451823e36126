"""What a schedule says of missed steps is what it does with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from credit_control.catch_up import catch_up_rule
from credit_control.decide import decide
from credit_control.facts import Action, Step
from credit_control.schedules import FIRM, GENTLE, PRESETS, STANDARD
from tests.credit_control.books import ACTIVE, POLICY, at, book, day, invoice, on, travelling, why

NEW = replace(ACTIVE, first_invoiced_on=day("2026-08-02"))


def test_each_schedule_says_its_rule_in_one_sentence_of_its_own_steps() -> None:
    assert catch_up_rule(STANDARD) == (
        "When several of “First reminder”, “Second reminder”, “Third reminder” and “Formal notice” are due at once,"
        " because days were missed or a debt is old, by the catch-up rule only the gravest reminder that is due leaves,"
        " once, and the milder ones are not made up for; “Courtesy note” leaves at most one sending day late, and"
        " never on or after the due date; “Call” and “Review” wait until a person has seen to it."
    )
    for steps in PRESETS.values():
        assert all(f"“{step.name}”" in catch_up_rule(steps) for step in steps)


def test_a_schedule_of_one_step_and_of_none() -> None:
    assert catch_up_rule([Step(1, "Reminder", 3, Action.EMAIL, "first_reminder")]) == (
        "“Reminder” is sent late when its day was missed."
    )
    assert catch_up_rule([]) == ""


@pytest.mark.parametrize("steps", [GENTLE, STANDARD, FIRM], ids=["gentle", "standard", "firm"])
def test_after_any_number_of_missed_days_one_mail_leaves_and_each_missed_step_says_when_it_was_due(
    steps: tuple[Step, ...],
) -> None:
    due_on = day("2026-09-01")
    for missed_days in range(90):
        now = at("2026-09-02 11:00") + timedelta(days=missed_days)
        decision = decide(book(invoice("2026-09-01"), contact=NEW, steps=steps), POLICY, now)
        due = [
            one
            for one in steps
            if not one.action.by_person and due_on + timedelta(one.offset_days) <= now.date()
        ]
        # Nobody there has a mobile number, so text messages are left out wherever they stand.
        reminders = [one for one in due if one.offset_days >= 0 and one.action is Action.EMAIL]
        assert travelling(decision) == ([("A", reminders[-1].position)] if reminders else [])
        left_out = [one for one in due if not reminders or one is not reminders[-1]]
        assert [one.name for one in on(decision).skipped] == [one.name for one in left_out]
        assert all(
            f"“{one.name}” {'was due on' if one.action is Action.EMAIL else 'is left out'}" in why(decision)
            for one in left_out
        )
