"""Sending windows on real calendars, with clocks that jump."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from credit_control.calendar import (
    add_working_days,
    check_window,
    closing,
    first_sending_day,
    local_day,
    next_moment,
    next_slot,
    opening,
    start_of_day,
)
from credit_control.facts import SendingWindow
from tests.credit_control.books import LONDON, at, day
from tests.credit_control.strategies import moments, windows

EVERY_DAY = frozenset(range(7))


def night(zone: str, opens: time, closes: time) -> SendingWindow:
    return SendingWindow(zone, EVERY_DAY, opens, closes)


def test_the_local_day_is_the_organisations_not_utcs() -> None:
    auckland = replace(LONDON, zone="Pacific/Auckland")
    assert local_day(auckland, at("2026-11-18 12:00", "UTC")) == day("2026-11-19")


def test_a_weekend_rolls_to_monday() -> None:
    assert first_sending_day(LONDON, day("2026-11-14")) == day("2026-11-16")
    assert first_sending_day(LONDON, day("2026-11-16")) == day("2026-11-16")


def test_the_window_is_the_same_on_the_wall_in_summer_and_winter() -> None:
    assert opening(LONDON, day("2026-07-01")) == at("2026-07-01 08:30", "UTC")
    assert closing(LONDON, day("2026-12-01")) == at("2026-12-01 16:00", "UTC")


def test_an_opening_that_clocks_skip_happens_at_the_jump() -> None:
    window = night("Europe/London", time(1, 15), time(5))
    assert opening(window, day("2026-03-29")) == at("2026-03-29 01:00", "UTC")


def test_an_opening_that_comes_twice_counts_the_second_time() -> None:
    window = night("Europe/London", time(1, 15), time(5))
    assert opening(window, day("2026-10-25")) == at("2026-10-25 01:15", "UTC")


def test_a_closing_that_comes_twice_counts_the_first_time() -> None:
    window = night("Europe/London", time(0, 15), time(1, 30))
    assert closing(window, day("2026-10-25")) == at("2026-10-25 00:30", "UTC")


def test_a_window_wholly_inside_the_hour_that_comes_twice_is_open_the_second_time() -> None:
    window = night("Europe/London", time(1, 15), time(1, 45))
    assert opening(window, day("2026-10-25")) == at("2026-10-25 01:15", "UTC")
    assert closing(window, day("2026-10-25")) == at("2026-10-25 01:45", "UTC")


def test_a_window_wholly_inside_the_skipped_hour_makes_no_sending_day() -> None:
    window = night("Europe/London", time(1, 15), time(1, 45))
    assert first_sending_day(window, day("2026-03-29")) == day("2026-03-30")
    with pytest.raises(ValueError, match="no sending day"):
        opening(window, day("2026-03-29"))


def test_the_half_hour_jump_of_lord_howe_is_known() -> None:
    window = night("Australia/Lord_Howe", time(2, 10), time(6))
    assert opening(window, day("2026-10-04")) == at("2026-10-03 15:30", "UTC")


def test_the_day_that_apia_left_out_is_no_sending_day() -> None:
    window = night("Pacific/Apia", time(9), time(17))
    assert first_sending_day(window, day("2011-12-30")) == day("2011-12-31")


def test_a_day_without_midnight_begins_at_the_jump() -> None:
    cairo = replace(LONDON, zone="Africa/Cairo")
    assert start_of_day(cairo, day("2026-04-24")) == at("2026-04-24 01:00", "Africa/Cairo")


@given(windows(), moments())
def test_the_next_moment_is_in_the_window_and_none_before_it_is(window: SendingWindow, now: datetime) -> None:
    moment, slot = next_moment(window, now), next_slot(window, now)
    wall = moment.astimezone(ZoneInfo(window.zone))
    assert window.opens <= wall.time() < window.closes and wall.weekday() in window.days
    assert now <= moment and slot.opens <= moment < slot.closes
    assert next_moment(window, moment) == moment
    if moment > now:
        assert next_moment(window, moment - timedelta(seconds=1)) == moment


@given(windows(), moments())
def test_a_day_begins_with_its_first_instant(window: SendingWindow, now: datetime) -> None:
    start = start_of_day(window, local_day(window, now))
    assert start <= now
    assert local_day(window, start) == local_day(window, now)
    assert local_day(window, start - timedelta(seconds=1)) < local_day(window, now)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-18", 0, "2026-11-18"),
        ("2026-11-18", 2, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 2, "2026-11-24"),
        ("2026-12-31", 5, "2027-01-07"),
    ],
)
def test_working_days_leave_out_weekends(start: str, count: int, end: str) -> None:
    assert add_working_days(day(start), count) == day(end)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (replace(LONDON, zone="Europe/Atlantis"), "“Europe/Atlantis” is no known time zone"),
        (replace(LONDON, zone="../etc"), "no known time zone"),
        (replace(LONDON, zone=""), "no known time zone"),
        (replace(LONDON, days=frozenset()), "at least one weekday"),
        (replace(LONDON, days=frozenset({7})), "at least one weekday"),
        (replace(LONDON, closes=time(9, 30)), "closes at 09:30"),
        (replace(LONDON, spread_minutes=-1), "cannot be negative"),
    ],
)
def test_a_window_by_which_no_mail_could_leave_is_refused(window: SendingWindow, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_window(window)
