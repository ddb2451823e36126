"""Which step of its schedule an invoice is at."""

from __future__ import annotations

import pytest

from credit_control.decide import decide
from credit_control.decisions import NextStep, Verdict
from credit_control.facts import Action, Step
from credit_control.schedules import FIRM, GENTLE
from tests.credit_control.books import POLICY, at, behind, book, day, invoice, on, travelling, why

WEDNESDAY = at("2026-11-18 10:00")


def test_an_invoice_seven_days_overdue_gets_the_second_reminder_and_the_missed_ones_are_not_made_up_for() -> (
    None
):
    decision = decide(book(invoice("2026-11-11")), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.SEND
    assert travelling(decision) == [("A", 3)]
    assert [step.name for step in on(decision).skipped] == ["Courtesy note", "First reminder"]
    assert (
        "“First reminder” was due on 13 November 2026 and is left out: by the catch-up rule only the gravest reminder"
        " that is due leaves, “Second reminder”." in why(decision)
    )


def test_an_old_debt_gets_its_one_gravest_mail_and_no_other() -> None:
    decision = decide(book(invoice("2026-06-01")), POLICY, WEDNESDAY)
    assert travelling(decision) == [("A", 6)]
    later = decide(book(invoice("2026-06-01"), taken=behind(6)), POLICY, WEDNESDAY)
    assert later.message is None


def test_an_invoice_between_two_steps_waits_and_says_for_what() -> None:
    decision = decide(book(invoice("2026-11-13"), taken=behind(2)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.WAIT
    assert on(decision).next_step == NextStep("Second reminder", day("2026-11-20"))
    assert "“Second reminder” on Friday 20 November 2026" in why(decision)


def test_the_next_step_is_named_for_the_day_on_which_it_can_leave() -> None:
    decision = decide(book(invoice("2026-11-14"), taken=behind(2)), POLICY, WEDNESDAY)
    assert on(decision).next_step == NextStep("Second reminder", day("2026-11-23"))


def test_the_next_step_of_an_invoice_to_be_sent_is_the_one_to_be_sent() -> None:
    decision = decide(book(invoice("2026-11-11")), POLICY, at("2026-11-14 12:00"))
    assert on(decision).next_step == NextStep("First reminder", day("2026-11-16"))


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        ("2026-11-16 10:00", []),
        ("2026-11-17 10:00", [("A", 1)]),
        ("2026-11-17 17:00", [("A", 1)]),
        ("2026-11-18 10:00", [("A", 1)]),
        ("2026-11-18 17:00", []),
        ("2026-11-19 10:00", []),
        ("2026-11-20 10:00", []),
    ],
)
def test_a_courtesy_note_leaves_on_its_day_or_the_next_sending_day_or_never(
    now: str, sent: list[tuple[str, int]]
) -> None:
    assert travelling(decide(book(invoice("2026-11-20")), POLICY, at(now))) == sent


def test_a_courtesy_note_that_would_move_onto_the_due_date_is_not_sent() -> None:
    saturday = at("2026-11-14 10:00")
    assert travelling(decide(book(invoice("2026-11-17")), POLICY, saturday)) == [("A", 1)]
    weekend = (Step(1, "Courtesy note", -1, Action.EMAIL, "courtesy"),)
    assert travelling(decide(book(invoice("2026-11-15"), steps=weekend), POLICY, saturday)) == []
    assert (
        travelling(decide(book(invoice("2026-11-16"), steps=weekend), POLICY, at("2026-11-15 10:00"))) == []
    )


def test_an_invoice_made_after_the_day_of_the_courtesy_note_does_not_get_it() -> None:
    decision = decide(book(invoice("2026-11-20", issued="2026-11-18")), POLICY, WEDNESDAY)
    assert decision.message is None
    assert "the invoice was issued on 18 November 2026, after its day" in why(decision)


def test_a_call_that_is_due_needs_a_person() -> None:
    decision = decide(book(invoice("2026-10-28"), taken=behind(1, 2, 3, 4)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.PERSON
    assert on(decision).step == on(decision).person_step
    assert "“Call” has been due since 18 November 2026, 21 days after the due date" in why(decision)


def test_a_call_that_nobody_made_does_not_hold_up_the_formal_notice() -> None:
    decision = decide(book(invoice("2026-10-19"), taken=behind(1, 2, 3, 4)), POLICY, WEDNESDAY)
    assert travelling(decision) == [("A", 6)]
    person_step = on(decision).person_step
    assert person_step is not None and person_step.name == "Call"


def test_after_the_formal_notice_an_old_call_no_longer_decides_what_happens() -> None:
    decision = decide(book(invoice("2026-10-19"), taken=behind(1, 2, 3, 4, 6)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.WAIT
    assert on(decision).next_step == NextStep("Review", day("2026-11-25"))


def test_a_call_made_counts_for_the_calls_and_not_for_the_mails() -> None:
    decision = decide(book(invoice("2026-10-28"), taken=behind(2, 5)), POLICY, WEDNESDAY)
    assert travelling(decision) == [("A", 4)]
    assert on(decision).person_step is None


def test_a_call_for_before_the_due_date_is_asked_for_until_that_date() -> None:
    steps = (Step(1, "Check-in call", -5, Action.CALL), Step(2, "First reminder", 3, Action.EMAIL, "first"))
    debt = book(invoice("2026-11-20"), steps=steps)
    decision = decide(debt, POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.PERSON
    assert decision.next_look_at == at("2026-11-20 00:00")
    assert on(decide(debt, POLICY, at("2026-11-20 00:00"))).verdict is Verdict.WAIT


def test_the_next_step_is_not_promised_for_a_day_that_the_gap_forbids() -> None:
    debt = book(invoice("2026-11-12"), taken=behind(2), last_message_at=at("2026-11-17 10:00"))
    assert on(decide(debt, POLICY, WEDNESDAY)).next_step == NextStep("Second reminder", day("2026-11-23"))


def test_a_finished_schedule_says_that_nothing_is_left() -> None:
    decision = decide(book(invoice("2026-06-01"), taken=behind(1, 2, 3, 4, 5, 6, 7)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.DONE
    assert why(decision) == "Nothing is left to do in the schedule “Standard”."
    assert decision.next_look_at is None


def test_the_gentle_schedule_sends_nothing_before_the_due_date() -> None:
    decision = decide(book(invoice("2026-11-20"), steps=GENTLE), POLICY, WEDNESDAY)
    assert on(decision).next_step == NextStep("First reminder", day("2026-11-23"))


def test_the_firm_schedule_ends_with_a_person() -> None:
    decision = decide(
        book(invoice("2026-10-26"), steps=FIRM, taken=behind(1, 2, 3, 4, 5, 6)), POLICY, WEDNESDAY
    )
    assert on(decision).verdict is Verdict.PERSON
    assert on(decision).next_step == NextStep("Final review", day("2026-11-18"))
