"""Good, watch, on stop: what outweighs what, and what counts as a change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.status import AccountStatus, Span, changes

GOOD, WATCH, STOP = AccountStatus.GOOD, AccountStatus.WATCH, AccountStatus.ON_STOP
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def span(status: AccountStatus, since: int, until: int | None = None, why: str = "because") -> Span:
    if until is None:
        return Span(status, at(since), "Anna", why)
    return Span(status, at(since), "Anna", why, at(until), "Ben", "over")


def test_a_watch_and_its_end_are_two_changes_the_newest_first() -> None:
    found = [(one.at, one.by, one.before, one.after, one.why) for one in changes([span(WATCH, 1, 5)])]
    assert found == [(at(5), "Ben", WATCH, GOOD, "over"), (at(1), "Anna", GOOD, WATCH, "because")]


def test_a_stop_outweighs_a_watch_which_is_there_again_when_it_is_lifted() -> None:
    found = changes([span(WATCH, 1, None, "slow"), span(STOP, 3, 6, "owes us")])
    assert [(one.at, one.before, one.after) for one in found] == [
        (at(6), STOP, WATCH),
        (at(3), WATCH, STOP),
        (at(1), GOOD, WATCH),
    ]


def test_a_watch_under_a_stop_changes_nothing() -> None:
    found = changes([span(STOP, 1, 9), span(WATCH, 3, 5)])
    assert [(one.before, one.after) for one in found] == [(STOP, GOOD), (GOOD, STOP)]


SPANS = st.builds(
    lambda status, since, length: span(status, since, None if length is None else since + length),
    st.sampled_from([WATCH, STOP]),
    st.integers(0, 20),
    st.none() | st.integers(1, 10),
)


@given(st.lists(SPANS, max_size=6))
def test_changes_follow_one_another_without_a_gap(spans: list[Span]) -> None:
    found = changes(spans)[::-1]
    assert all(one.before is not one.after for one in found)
    assert [one.before for one in found] == [GOOD, *(one.after for one in found)][: len(found)]
    last = found[-1].after if found else GOOD
    standing = {one.status for one in spans if one.until is None}
    assert last is (STOP if STOP in standing else WATCH if WATCH in standing else GOOD)
