"""What goes along with a message to the same customer, because the gap after it would keep it waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_control.calendar import local_day
from credit_control.decide import decide
from credit_control.facts import Action, ContactBook, Credit, Invoice, PaymentDays, Policy, Step, StepTaken
from credit_control.forecast import forecast
from credit_control.resting import Hold, HoldKind
from credit_control.schedules import FIRM, GENTLE, STANDARD
from tests.credit_control.books import (
    ACTIVE,
    POLICY,
    at,
    behind,
    book,
    day,
    going_along,
    invoice,
    on,
    travelling,
    why,
)
from tests.credit_control.strategies import situations

NOW = at("2026-12-10 10:00")
"""A Thursday; what was due on 10 November gets its formal notice."""
CURRENT = (1, 2, 3, 4, 5)
"""Everything up to the call is behind an invoice."""


def two(second: str = "2026-11-11", behind_it: tuple[int, ...] = CURRENT, **more: str) -> ContactBook:
    """One invoice whose formal notice is due today, and another."""
    return book(
        invoice("2026-11-10"),
        invoice(second, name="B", **more),
        taken=behind(*CURRENT) + behind(*behind_it, name="B"),
    )


def test_invoices_due_on_successive_days_get_one_formal_notice_and_no_second() -> None:
    names = "ABCDE"
    dues = ("2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13", "2026-11-13")
    debts = [invoice(due, name=name) for due, name in zip(dues, names, strict=True)]
    debts[-1] = replace(debts[-1], currency="EUR")
    debt = book(*debts, taken=tuple(step for name in names for step in behind(*CURRENT, name=name)))
    [only] = forecast(debt, POLICY, NOW, days=30)
    assert (only.on, only.message.step.name) == (day("2026-12-10"), "Formal notice")
    assert [name for name, _ in only.message.taken] == list(names)


def test_it_says_for_which_day_it_was_and_why_it_does_not_wait() -> None:
    decision = decide(two("2026-11-13"), POLICY, NOW)
    assert (
        "“Formal notice” is for 13 December 2026, 30 days after the due date. It goes along with the message of"
        " Thursday 10 December 2026, because 4 days must pass before another one." in why(decision, "B")
    )
    assert "2 invoices travel in one message." in why(decision, "B")
    next_step = on(decision, "B").next_step
    assert next_step and (next_step.name, next_step.on) == ("Formal notice", day("2026-12-10"))


def test_what_comes_after_the_gap_keeps_its_day() -> None:
    assert travelling(decide(two("2026-11-14"), POLICY, NOW)) == [("A", 6)]


def test_a_milder_step_goes_along_and_counts_as_itself() -> None:
    debt = two("2026-11-28", (1, 2, 3))  # its third reminder is for 12 December
    assert travelling(decide(debt, POLICY, NOW)) == [("A", 6), ("B", 4)]


def test_a_graver_step_is_never_brought_forward() -> None:
    debt = book(
        invoice("2026-11-26"),
        invoice("2026-11-11", name="B"),
        taken=behind(2, 3) + behind(*CURRENT, name="B"),
    )
    assert travelling(decide(debt, POLICY, NOW)) == [("A", 4)]


@pytest.mark.parametrize("behind_it", [(), (1,)])
def test_nobody_is_asked_about_an_invoice_for_the_first_time_before_its_day(
    behind_it: tuple[int, ...],
) -> None:
    assert travelling(decide(two("2026-12-09", behind_it), POLICY, NOW)) == [("A", 6)]


def test_what_is_held_or_promised_stays_behind() -> None:
    held = replace(two(), holds=(Hold(HoldKind.DISPUTE, "", "B"),))
    assert travelling(decide(held, POLICY, NOW)) == [("A", 6)]
    assert travelling(decide(two(expected="2026-12-11"), POLICY, NOW)) == [("A", 6)]


def test_a_task_that_is_due_as_well_stays_due() -> None:
    decision = decide(two(behind_it=(1, 2, 3, 4)), POLICY, NOW)
    person_step = on(decision, "B").person_step
    assert travelling(decision) == [("A", 6), ("B", 6)]
    assert person_step and person_step.name == "Call"


def test_nothing_leaves_for_what_only_goes_along() -> None:
    paid = two()
    paid = replace(paid, invoices=(replace(paid.invoices[0], status="PAID"), paid.invoices[1]))
    assert decide(paid, POLICY, NOW).message is None


def test_a_text_message_is_not_brought_forward_into_a_mail() -> None:
    debt = book(
        invoice("2026-11-24"),
        invoice("2026-12-02", name="B"),
        steps=FIRM,
        taken=behind(2, 3, 4, 5) + behind(2, 3, name="B"),
        contact=ACTIVE,
    )  # the text about B is for tomorrow
    assert ("B", 4) not in travelling(decide(debt, POLICY, NOW))


def test_a_mail_that_waits_for_nobody_does_not_come_to_wait_for_a_yes() -> None:
    asking = tuple(replace(step, needs_go=step.position == 4) for step in STANDARD)
    debt = replace(two("2026-11-28", (1, 2, 3)), schedule=replace(two().schedule, steps=asking))
    assert travelling(decide(debt, POLICY, NOW)) == [("A", 6)]


def test_small_sums_and_what_unallocated_money_covers_do_not_go_along() -> None:
    small = two(currency="EUR", amount="5.00")
    assert travelling(decide(small, POLICY, NOW)) == [("A", 6)]
    euros = two(currency="EUR")
    covered = replace(euros, credits=(Credit("overpayment", "EUR", euros.invoices[1].amount_due),))
    assert travelling(decide(covered, POLICY, NOW)) == [("A", 6)]
    little = replace(two(), credits=(Credit("overpayment", "GBP", euros.invoices[1].amount_due / 2),))
    assert travelling(decide(little, POLICY, NOW)) == [("A", 6), ("B", 6)]


def test_a_reminder_that_would_wait_for_a_payment_run_still_does() -> None:
    debt = two()
    fridays = replace(debt, contact=replace(ACTIVE, pays_on=PaymentDays(weekdays=(4,))))
    tuesday = at("2026-12-15 10:00")  # the run of the 11th has passed for A, which counts from the 10th
    decision = decide(
        replace(fridays, invoices=(debt.invoices[0], invoice("2026-11-17", name="B"))), POLICY, tuesday
    )
    assert travelling(decision) == [("A", 6)]


@pytest.mark.parametrize(("gap", "days", "along"), [(0, 1, False), (30, 6, True), (30, 7, False)])
def test_it_goes_by_the_gap_that_holds_and_by_less_than_a_week(gap: int, days: int, along: bool) -> None:
    due = day("2026-11-10") + timedelta(days=days)
    decision = decide(two(due.isoformat()), replace(POLICY, minimum_gap_days=gap), NOW)
    assert going_along(decision) == ({"B"} if along else set())


@st.composite
def customers(draw: st.DrawFn) -> tuple[ContactBook, Policy, datetime]:
    """A customer with many invoices due about the same days, reminded of by the schedule so far."""
    steps = draw(st.sampled_from([GENTLE, STANDARD]))
    now = at("2026-12-07 08:00") + timedelta(hours=draw(st.integers(0, 24 * 7)))
    invoices: list[Invoice] = []
    taken: list[StepTaken] = []
    for number in range(draw(st.integers(2, 8))):
        due = now.date() - timedelta(days=draw(st.integers(-5, 34)))
        late = draw(st.integers(0, 5))
        invoices.append(invoice(due, currency=draw(st.sampled_from(["GBP", "EUR"])), name=str(number)))
        said = [one.position for one in steps if due + timedelta(days=one.offset_days + late) < now.date()]
        taken += behind(*said, name=str(number))
    last = draw(st.none() | st.integers(0, 6))
    pays_on = draw(st.none() | st.builds(PaymentDays, weekdays=st.tuples(st.integers(0, 4))))
    debt = book(
        *invoices,
        steps=steps,
        contact=replace(ACTIVE, pays_on=pays_on),
        taken=tuple(taken),
        last_message_at=None if last is None else now - timedelta(days=last),
    )
    return debt, replace(POLICY, minimum_gap_days=draw(st.integers(1, 9))), now


Situation = tuple[ContactBook, Policy, datetime]


@given(st.one_of(customers(), situations()))
def test_only_what_is_overdue_and_was_asked_about_goes_along_and_never_further_than_the_gap(
    situation: Situation,
) -> None:
    debt, policy, now = situation
    decision = decide(debt, policy, now)
    message, today = decision.message, local_day(policy.window, now)
    if message is None:
        return
    leaves = local_day(policy.window, message.not_before)
    own = {one.id: one.due_on for one in debt.invoices}
    early = [(name, step) for name, step in message.taken if own[name] + timedelta(step.offset_days) > today]
    assert {name for name, _ in early} == going_along(decision)
    gravest_due = max(step.position for name, step in message.taken if (name, step) not in early)
    reminders = {step.position for step in debt.schedule.steps if step.offset_days >= 0}
    for name, step in early:
        said = {one.position for one in debt.taken if one.invoice_id == name}
        assert own[name] < today and said & reminders
        assert own[name] + timedelta(step.offset_days) < leaves + timedelta(policy.minimum_gap_days or 1)
        assert step.position <= gravest_due


@given(st.one_of(customers(), situations()))
def test_whatever_is_due_travels_as_it_would_if_nothing_went_along(situation: Situation) -> None:
    debt, policy, now = situation
    decision = decide(debt, policy, now)
    along = going_along(decision)
    without = replace(debt, invoices=tuple(one for one in debt.invoices if one.id not in along))
    due = [pair for pair in travelling(decision) if pair[0] not in along]
    if not debt.credits and policy.minimum_balance == 0:
        assert due == travelling(decide(without, policy, now))


@given(customers())
@settings(max_examples=60)
def test_every_step_of_every_invoice_leaves_or_is_left_out_with_a_reason(situation: Situation) -> None:
    """Nobody pays: nothing is lost by going along, and nobody is written to twice within the gap."""
    debt, policy, now = situation
    coming = forecast(debt, policy, now, days=120)
    leaving = [(name, step.position) for one in coming for name, step in one.message.taken]
    passed = {(name, step.position) for one in coming for name, step in one.passed_over}
    assert len(set(leaving)) == len(leaving) and not passed & set(leaving)
    mails = [step for step in debt.schedule.steps if step.action is Action.EMAIL]
    for one in debt.invoices:
        said = [step.position for step in debt.taken if step.invoice_id == one.id]
        ahead = {step.position for step in mails if step.position > last(said, mails)}
        courtesy = {step.position for step in mails if step.offset_days < 0}
        found = {position for name, position in {*leaving, *passed} if name == one.id}
        assert ahead - courtesy <= found <= ahead
    for earlier, later in pairwise(coming):
        assert (later.on - earlier.on).days >= policy.minimum_gap_days


def last(said: list[int], mails: list[Step]) -> int:
    """The highest mail among the positions said; 0 for none."""
    return max((step.position for step in mails if step.position in said), default=0)


@given(customers())
@settings(max_examples=60)
def test_no_letter_comes_twice_in_a_row_for_what_could_have_gone_along(situation: Situation) -> None:
    """A second one of the same step is about what was on its way then, asked for less, or not to be asked yet."""
    debt, policy, now = situation
    debt = replace(debt, contact=ACTIVE)
    coming = forecast(debt, policy, now, days=60)
    due = {one.id: one.due_on for one in debt.invoices}
    first = next(step.position for step in debt.schedule.steps if step.offset_days >= 0)
    said = {(one.invoice_id, one.position) for one in debt.taken}
    for earlier, later in pairwise(coming):
        travelled = {name for name, _ in earlier.message.taken}
        asked = {name for name, position in said if position >= first}
        for name, step in later.message.taken:
            if step.position == earlier.message.step.position and name in asked - travelled:
                soon = earlier.on + timedelta(days=min(policy.minimum_gap_days, 7))
                assert due[name] + timedelta(days=step.offset_days) >= soon
        said |= {(name, step.position) for name, step in earlier.message.taken}
