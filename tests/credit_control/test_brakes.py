"""The brakes' formulas: what is usual sets the limit, and every brake can say why it holds."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control import brakes
from credit_control.brakes import Habits, Kind, Run

NOW = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)
TODAY = NOW.date()

counts = st.integers(min_value=0, max_value=1_000_000)
days = st.integers(min_value=0, max_value=400)


@given(counts)
def test_the_learned_cap_is_three_busiest_days_between_a_hundred_and_two_thousand(busiest: int) -> None:
    cap = brakes.learned_cap(busiest)
    assert 100 <= cap <= 2_000
    assert cap in (100, 2_000, 3 * busiest)
    assert brakes.learned_cap(busiest + 1) >= cap


@given(counts, counts, counts)
def test_a_run_is_held_exactly_when_it_is_larger_than_twenty_and_than_three_times_the_largest(
    left: int, waiting: int, busiest: int
) -> None:
    reason = brakes.surge(Run(left, waiting), busiest)
    assert (reason is not None) == (left + waiting > 20 and left + waiting > 3 * busiest)
    if reason:
        assert f"{left + waiting:,} chasers" in reason


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_a_mirror_serves_for_six_hours_and_never_from_the_future(age: timedelta) -> None:
    serves = brakes.old_mirror(NOW - age, NOW) is None
    assert serves == (-timedelta(minutes=5) <= age <= timedelta(hours=6))


def test_a_mirror_that_was_never_complete_does_not_serve() -> None:
    assert brakes.old_mirror(None, NOW)


@given(days, days)
def test_the_learned_limit_of_the_books_is_a_week_or_twice_the_longest_pause(count: int, pause: int) -> None:
    limit = brakes.books_limit(None, Habits(payment_days=count, longest_pause=pause))
    assert limit == (None if count < 10 else max(7, 2 * pause))


@given(st.integers(min_value=1, max_value=365), days, days)
def test_a_persons_limit_of_the_books_takes_the_place_of_the_learned_one(
    limit: int, count: int, pause: int
) -> None:
    assert brakes.books_limit(limit, Habits(payment_days=count, longest_pause=pause)) == limit


@given(days, st.integers(min_value=1, max_value=365))
def test_books_are_in_doubt_exactly_when_the_last_payment_is_beyond_the_limit(ago: int, limit: int) -> None:
    doubt = brakes.doubt(TODAY - timedelta(days=ago), TODAY, limit)
    assert (doubt is not None) == (ago > limit)


def test_books_without_any_payment_are_in_doubt() -> None:
    doubt = brakes.doubt(None, TODAY, 14)
    assert doubt and "for half a year" in doubt.reason


@given(st.sets(st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 12, 31))))
def test_the_longest_pause_is_between_two_days_that_follow_each_other(paid: set[date]) -> None:
    pause = brakes.longest_pause(paid)
    ordered = sorted(paid)
    assert all((later - earlier).days <= pause for earlier, later in itertools.pairwise(ordered))
    assert pause == 0 or any(
        (later - earlier).days == pause for earlier, later in itertools.pairwise(ordered)
    )


def test_a_release_is_good_for_a_week_and_one_of_the_future_for_nothing() -> None:
    assert brakes.is_quiet(NOW - timedelta(days=6), NOW)
    for moment in (None, NOW - timedelta(days=7), NOW + timedelta(days=1)):
        assert not brakes.is_quiet(moment, NOW)


@pytest.mark.parametrize("kind", Kind)
def test_every_brake_says_who_may_release_it_or_that_it_ends_by_itself(kind: Kind) -> None:
    words = brakes.WHO_RELEASES[kind]
    assert ("by itself" in words) == (kind in brakes.ENDS_BY_ITSELF)
    assert "owner or manager" in words or kind in (Kind.STOP_ALL, Kind.OLD_MIRROR)
