"""Walking a list that changes while it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.mirror.walk import Walk

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def moment(second: int) -> datetime:
    return START + timedelta(seconds=second)


def test_it_asks_for_what_changed_since_the_newest_it_has_seen() -> None:
    walk = Walk(cursor=None).after([moment(1), moment(5)], 10, last=False)
    assert (walk.cursor, walk.next_page) == (moment(4), 1)


def test_within_one_second_it_goes_by_page_numbers() -> None:
    walk = Walk(cursor=moment(4)).after([moment(5), moment(5)], 10, last=False)
    assert (walk.cursor, walk.next_page) == (moment(4), 2)


def test_a_list_in_another_order_is_read_by_page_numbers() -> None:
    walk = Walk(cursor=None).after([moment(5), moment(1)], 10, last=False)
    assert (walk.cursor, walk.next_page) == (None, 2)


def test_a_page_of_which_nothing_concerns_us_does_not_stop_it() -> None:
    walk = Walk(cursor=moment(1)).after([], 1_500, last=False)
    assert (walk.cursor, walk.next_page) == (moment(1), 2)


@given(
    seconds=st.lists(st.integers(0, 30), min_size=1, max_size=60),
    size=st.integers(1, 7),
    touched=st.lists(st.integers(0, 59), max_size=60),
)
def test_whatever_changes_meanwhile_every_document_is_seen(
    seconds: list[int], size: int, touched: list[int]
) -> None:
    """As long as a page holds more than the changes of two seconds; page numbers are all that is left otherwise."""
    ledger = dict(enumerate(moment(second) for second in seconds))
    changes, clock = iter(touched), moment(100)
    walk, seen, last = Walk(cursor=None), set(), False
    while not last:
        floor = walk.cursor or moment(-1)
        found = sorted((at, key) for key, at in ledger.items() if at >= floor)
        page = found[(walk.next_page - 1) * size : walk.next_page * size]
        last = walk.next_page * size >= len(found)
        seen |= {key for _, key in page}
        walk = walk.after([at for at, _ in page], len(found), last=last)
        roomy = size > 2 and len(set(ledger.values())) == len(ledger)
        if (number := next(changes, None)) in ledger and roomy:
            clock += timedelta(seconds=2)
            ledger[number] = clock
    assert seen == ledger.keys()
    assert walk.expected is not None and walk.read == walk.expected
