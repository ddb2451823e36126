"""A schedule tried on one invoice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.calendar import local_day
from credit_control.facts import (
    Contact,
    ContactBook,
    DaysOff,
    Invoice,
    PaymentDays,
    Policy,
    Schedule,
    SendingWindow,
)
from credit_control.forecast import forecast
from credit_control.schedules import GENTLE, PRESETS, STANDARD
from credit_control.trying import Trial, What, try_on

CHRISTMAS = DaysOff("GB", names={date(2026, 12, 25): "Christmas Day"})
POLICY = Policy(SendingWindow("Europe/London", off=CHRISTMAS))
CONTACT = Contact("c", "Ashdown Interiors", "ACTIVE", "accounts@ashdown.example")


def schedule(name: str = "Standard") -> Schedule:
    return Schedule("v", name, 1, PRESETS[name])


def invoice(due_on: date, issued_on: date | None = None, amount: str = "100.00") -> Invoice:
    issued = issued_on or due_on - timedelta(days=30)
    return Invoice("i", "INV-1", issued, due_on, "GBP", Decimal(amount), Decimal(amount), "AUTHORISED")


def tried(due_on: date, on: date, contact: Contact = CONTACT, **more: date) -> Trial:
    return try_on(schedule(), contact, invoice(due_on), POLICY, on, **more)


def test_every_step_comes_on_its_day_or_says_why_not() -> None:
    found = tried(date(2026, 11, 2), date(2026, 11, 2))
    assert [(one.step.name, one.on, one.what) for one in found.events] == [
        ("Courtesy note", date(2026, 10, 30), What.MAIL),
        ("First reminder", date(2026, 11, 4), What.MAIL),
        ("Second reminder", date(2026, 11, 9), What.MAIL),
        ("Third reminder", date(2026, 11, 16), What.MAIL),
        ("Call", date(2026, 11, 23), What.PERSON),
        ("Formal notice", date(2026, 12, 2), What.MAIL),
        ("Review", date(2026, 12, 9), What.PERSON),
    ]


def test_a_weekend_and_a_holiday_move_a_mail_and_the_reason_says_so() -> None:
    found = tried(date(2026, 12, 18), date(2026, 12, 18))
    by_name = {one.step.name: one for one in found.events}
    second = by_name["Second reminder"]  # seven days after is Christmas Day
    assert second.on == date(2026, 12, 28)
    assert any("Christmas Day" in reason.text for reason in second.reasons)


def test_an_invoice_that_is_paid_gets_nothing_from_that_day_on() -> None:
    found = tried(date(2026, 11, 2), date(2026, 11, 2), paid_on=date(2026, 11, 9))
    assert [one.step.name for one in found.events] == ["Courtesy note", "First reminder"]


def test_one_that_was_issued_late_begins_with_the_gravest_step() -> None:
    found = try_on(
        schedule(), CONTACT, invoice(date(2026, 11, 2), date(2026, 11, 10)), POLICY, date(2026, 11, 10)
    )
    mails = [one.step.name for one in found.events if one.what is What.MAIL]
    assert mails[0] == "Second reminder"
    left_out = {one.step.name for one in found.events if one.what is What.LEFT_OUT}
    assert left_out == {"Courtesy note", "First reminder"}


def test_how_it_stands_on_the_day_that_was_asked_for() -> None:
    found = tried(date(2026, 11, 2), date(2026, 11, 5))
    assert found.next_step
    assert (found.next_step.name, found.next_step.on) == ("Second reminder", date(2026, 11, 9))
    assert found.reasons


def test_the_customers_payment_run_is_waited_for() -> None:
    contact = Contact("c", "A", "ACTIVE", "a@b.example", pays_on=PaymentDays(month_days=(4,)))
    found = tried(date(2026, 11, 2), date(2026, 11, 2), contact)
    first = next(one for one in found.events if one.step.name == "First reminder")
    assert first.on > date(2026, 11, 4)
    assert any(reason.rule == "payment_run" for reason in first.reasons)


@pytest.mark.parametrize("on", [date(2026, 10, 5), date(2026, 11, 2), date(2026, 12, 5)])
def test_a_sum_below_the_least_balance_gets_nothing_and_is_told_so_on_any_day(on: date) -> None:
    found = try_on(schedule(), CONTACT, invoice(date(2026, 11, 2), amount="5.00"), POLICY, on)
    assert found.events == () and found.next_step is None
    [reason] = found.reasons
    assert reason.rule == "minimum_balance"
    assert "GBP 5.00 is less than GBP 10.00, the least balance" in reason.text


def test_a_text_message_that_can_reach_nobody_says_why_it_is_left_out() -> None:
    found = try_on(schedule("Firm"), CONTACT, invoice(date(2026, 11, 2)), POLICY, date(2026, 11, 2))
    [text] = [one for one in found.events if one.step.name == "Text message"]
    assert text.what is What.LEFT_OUT
    [reason] = text.reasons
    assert reason.rule == "text_message" and "“Text message” is left out" in reason.text


def test_an_empty_end_of_a_schedule_is_an_end() -> None:
    found = try_on(
        Schedule("v", "Gentle", 1, GENTLE), CONTACT, invoice(date(2026, 11, 2)), POLICY, date(2027, 6, 1)
    )
    assert found.next_step is None


@given(
    name=st.sampled_from(sorted(PRESETS)),
    due=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    late=st.integers(-60, 20),
)
def test_mails_leave_in_order_with_the_gap_between_and_as_they_were_forecast(
    name: str, due: date, late: int
) -> None:
    one = invoice(due, due + timedelta(days=late))
    found = try_on(schedule(name), CONTACT, one, POLICY, due)
    mails = [event for event in found.events if event.what is What.MAIL]
    for earlier, later in pairwise(mails):
        assert later.step.position > earlier.step.position
        assert (later.on - earlier.on).days >= POLICY.minimum_gap_days
    start = datetime.combine(one.issued_on, datetime.min.time(), UTC)
    foreseen = forecast(ContactBook(CONTACT, schedule(name), (one,)), POLICY, start, 200)
    assert [(event.on, event.step) for event in mails] == [(each.on, each.message.step) for each in foreseen]
    assert all(event.on == local_day(POLICY.window, event.at) for event in mails if event.at)


def test_the_presets_are_all_played_to_their_end() -> None:
    assert {step.name for step in STANDARD} == {
        one.step.name for one in tried(date(2026, 11, 2), date(2026, 11, 2)).events
    }
