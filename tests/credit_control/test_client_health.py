"""Which client needs help most, by a formula that anybody can work out again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from credit_control.client_health import MOST_APPROVALS, MOST_REPLIES, MOST_TASKS, Signs, needs, points

SIGNS = st.builds(
    Signs,
    connected=st.booleans(),
    stopped=st.booleans(),
    mirror_old=st.booleans(),
    books_behind=st.booleans(),
    replies=st.integers(0, 1000),
    tasks=st.integers(0, 1000),
    approvals=st.integers(0, 1000),
    overdue_unchased=st.booleans(),
)


def test_a_client_of_whom_nothing_is_wanted_needs_no_help() -> None:
    assert needs(Signs()) == ()


def test_the_points_are_those_that_stand_on_the_page() -> None:
    signs = Signs(stopped=True, replies=3, tasks=1, approvals=2)
    assert [(one.words, one.points) for one in needs(signs)] == [
        ("Stopped", 80),
        ("3 replies wait", 15),
        ("2 messages wait for a yes", 4),
        ("1 task due", 3),
    ]


def test_a_ledger_that_is_not_connected_cannot_be_read_either_and_counts_once() -> None:
    assert points(Signs(connected=False, mirror_old=True)) == 100


@given(SIGNS)
def test_the_points_are_the_sum_of_what_is_said(signs: Signs) -> None:
    assert points(signs) == sum(one.points for one in needs(signs))
    assert all(one.points > 0 for one in needs(signs))


@given(SIGNS)
def test_more_to_do_never_moves_a_client_down(signs: Signs) -> None:
    assert points(replace(signs, replies=signs.replies + 1)) >= points(signs)
    assert points(replace(signs, books_behind=True)) >= points(signs)


@given(SIGNS)
def test_a_pile_of_work_alone_never_outweighs_a_client_that_is_cut_off_and_stopped(signs: Signs) -> None:
    work = replace(
        signs,
        connected=True,
        stopped=False,
        mirror_old=False,
        books_behind=False,
        overdue_unchased=False,
    )
    assert points(work) <= MOST_REPLIES + MOST_TASKS + MOST_APPROVALS
