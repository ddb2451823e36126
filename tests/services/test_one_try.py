"""When something that surely did not leave is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.one_try import GIVEN_UP_AFTER, LONGEST_PAUSE, PAUSE, next_at

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@given(st.integers(0, 10_000), st.integers(0, 86_400))
def test_later_each_time_up_to_an_hour_and_never_before_the_provider_wants(attempts: int, wait: int) -> None:
    asked = timedelta(seconds=wait)
    found = next_at(NOW, asked, attempts) - NOW
    assert max(asked, PAUSE) <= found <= max(asked, LONGEST_PAUSE)
    assert next_at(NOW, asked, attempts + 1) - NOW >= found


def test_who_is_put_off_for_two_days_is_tried_every_hour_to_the_end() -> None:
    at, attempts = NOW, 0
    while at - NOW < GIVEN_UP_AFTER:
        at, attempts = next_at(at, PAUSE, attempts), attempts + 1
    assert attempts > 40
