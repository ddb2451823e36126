"""Days off, and customers who work at other hours and on other days than the organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.calendar import (
    add_working_days,
    closing,
    first_sending_day,
    hours_in_common,
    next_slot,
    opening,
)
from credit_control.decide import decide
from credit_control.facts import DaysOff, Office, SendingWindow
from tests.credit_control.books import ACTIVE, LONDON, POLICY, at, behind, book, day, invoice, why
from tests.credit_control.strategies import ZONES, days_off, moments, windows

CHRISTMAS = DaysOff(
    "christmas",
    names={
        day("2026-12-25"): "Christmas Day",
        day("2026-12-28"): "Boxing Day, observed",
        day("2026-12-31"): "Stocktaking",
    },
)
NOTHING = DaysOff("nothing")
MUSLIM = DaysOff("friday and saturday", frozenset({4, 5}))
TOKYO = Office("Japan", "Asia/Tokyo", NOTHING)
DELHI = Office("India", "Asia/Kolkata", NOTHING)
NEW_YORK = Office(
    "New York", "America/New_York", DaysOff("ny", names={day("2026-11-26"): "Thanksgiving Day"})
)
CAIRO = Office("Egypt", "Africa/Cairo", MUSLIM)
USA = replace(NEW_YORK, place="the United States", zone=None)


def of(office: Office) -> SendingWindow:
    return replace(LONDON, office=office)


def test_a_holiday_is_no_sending_day_and_its_name_is_the_reason() -> None:
    policy = replace(POLICY, window=replace(LONDON, off=CHRISTMAS))
    decision = decide(book(invoice("2026-12-23"), taken=behind(1)), policy, at("2026-12-25 10:00"))
    assert decision.message and decision.message.not_before == at("2026-12-29 09:30")
    assert (
        "Moved from Friday 25 December 2026 (Christmas Day) to Tuesday 29 December 2026, past Boxing Day, observed."
        in why(decision)
    )
    later = decide(book(invoice("2026-12-23"), taken=behind(1)), policy, at("2026-12-29 10:00"))
    assert "Moved from Friday 25 December 2026 (Christmas Day) to Tuesday 29 December 2026" in why(later)


def test_working_days_leave_out_holidays() -> None:
    assert add_working_days(day("2026-12-24"), 1, CHRISTMAS) == day("2026-12-29")
    assert add_working_days(day("2026-12-29"), -1, CHRISTMAS) == day("2026-12-24")
    assert add_working_days(day("2026-12-24"), 2, MUSLIM) == day("2026-12-28")


def test_the_grace_after_a_promise_leaves_out_holidays() -> None:
    policy = replace(POLICY, window=replace(LONDON, off=CHRISTMAS))
    promised = book(invoice("2026-12-01", expected="2026-12-24"))
    decision = decide(promised, policy, at("2026-12-29 10:00"))
    assert "chasing waits until 30 December 2026, that day included" in why(decision)


def test_only_hours_in_which_both_work_count() -> None:
    assert (opening(of(DELHI), day("2026-11-18")), closing(of(DELHI), day("2026-11-18"))) == (
        at("2026-11-18 09:30"),
        at("2026-11-18 12:30"),
    )
    assert opening(of(NEW_YORK), day("2026-11-18")) == at("2026-11-18 13:00")


def test_the_customers_weekend_and_holidays_count_and_the_reason_says_where() -> None:
    assert first_sending_day(of(CAIRO), day("2026-11-20")) == day("2026-11-23")
    debt = book(
        invoice("2026-11-19"), contact=replace(ACTIVE, office=NEW_YORK), taken=behind(1, 2)
    )  # a step on the 26th
    decision = decide(debt, POLICY, at("2026-11-26 10:00"))
    assert (
        "Moved from Thursday 26 November 2026 (Thanksgiving Day, New York) to Friday 27 November 2026."
        in why(decision)
    )
    friday = book(invoice("2026-11-13"), contact=replace(ACTIVE, office=CAIRO), taken=behind(1, 2))
    assert "Friday 20 November 2026 (weekend in Egypt) to Monday 23 November 2026" in why(
        decide(friday, POLICY, at("2026-11-20 10:00"))
    )


def test_a_shorter_day_at_the_customers_is_told() -> None:
    decision = decide(
        book(invoice("2026-11-16"), contact=replace(ACTIVE, office=DELHI)), POLICY, at("2026-11-18 10:00")
    )
    assert "Leaves only while people work in India too: from 09:30 until 12:30 by your clocks." in why(
        decision
    )


def test_where_hours_never_meet_the_senders_count_and_the_reason_says_so() -> None:
    decision = decide(
        book(invoice("2026-11-16"), contact=replace(ACTIVE, office=TOKYO)), POLICY, at("2026-11-18 14:00")
    )
    assert decision.message and decision.message.not_before == at("2026-11-18 14:00")
    assert "Working hours in Japan never meet the sending window" in why(decision)


def test_of_a_country_with_several_zones_the_days_count_and_not_the_hours() -> None:
    assert opening(of(USA), day("2026-11-25")) == at("2026-11-25 09:30")
    assert first_sending_day(of(USA), day("2026-11-26")) == day("2026-11-27")


def test_a_minute_in_common_is_as_good_as_none() -> None:
    early = replace(
        LONDON, opens=time(7, 0), closes=time(8, 5), office=Office("here", "Europe/London", NOTHING)
    )
    assert opening(early, day("2026-11-18")) == at("2026-11-18 07:00")


def test_clocks_that_change_on_different_sundays_are_looked_at_week_by_week() -> None:
    """In New York clocks change on 1 November, in London on 25 October: in the week between the distance is less."""
    assert opening(of(NEW_YORK), day("2026-10-28")) == at("2026-10-28 12:00")
    assert opening(of(NEW_YORK), day("2026-11-04")) == at("2026-11-04 13:00")


@st.composite
def offices(draw: st.DrawFn) -> Office:
    return Office("there", draw(st.none() | st.sampled_from(ZONES)), draw(days_off()))


@given(windows(), offices(), moments())
def test_whatever_is_sent_is_inside_the_senders_window_and_on_no_day_off(
    window: SendingWindow, office: Office, now: datetime
) -> None:
    slot = next_slot(replace(window, office=office), now)
    zone = ZoneInfo(window.zone)
    for instant in (slot.opens, slot.closes - timedelta(seconds=1)):
        wall = instant.astimezone(zone)
        assert window.opens <= wall.time() < window.closes and wall.date() == slot.day
        assert slot.day.weekday() in window.days and slot.day not in window.off.names


@given(windows(), offices(), moments())
def test_where_hours_meet_it_leaves_at_no_other_time(
    window: SendingWindow, office: Office, now: datetime
) -> None:
    both = replace(window, office=office)
    slot = next_slot(both, now)
    if office.zone is None or not hours_in_common(both, slot.day):
        return
    for instant in (slot.opens, slot.closes - timedelta(seconds=1)):
        there = instant.astimezone(ZoneInfo(office.zone))
        assert office.opens <= there.time() < office.closes
        assert there.weekday() not in office.off.weekend and there.date() not in office.off.names


@pytest.mark.parametrize("zone", ZONES)
def test_a_customer_next_door_changes_nothing(zone: str) -> None:
    window = SendingWindow(zone)
    office = Office("here", zone, NOTHING)
    for number in range(400):
        on = date(2026, 1, 1) + timedelta(days=number)
        assert first_sending_day(replace(window, office=office), on) == first_sending_day(window, on)
