"""When the one message to a contact leaves, and what travels in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from credit_control.decide import decide
from credit_control.decisions import Verdict
from credit_control.forecast import forecast
from tests.credit_control.books import ACTIVE, POLICY, at, behind, book, invoice, on, travelling, why

LATE = invoice("2026-11-11")


def test_inside_the_window_a_message_leaves_now_and_before_the_closing() -> None:
    now = at("2026-11-18 10:00")
    message = decide(book(LATE), POLICY, now).message
    assert message is not None
    assert (message.not_before, message.not_after) == (now, at("2026-11-18 16:00"))


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-11-18 06:00", "2026-11-18 09:30"),
        ("2026-11-18 15:59:59", "2026-11-18 15:59:59"),
        ("2026-11-18 16:00", "2026-11-19 09:30"),
        ("2026-11-20 18:00", "2026-11-23 09:30"),
        ("2026-11-21 12:00", "2026-11-23 09:30"),
    ],
)
def test_outside_the_window_a_message_waits_for_the_next_opening(now: str, leaves: str) -> None:
    message = decide(book(LATE), POLICY, at(now)).message
    assert message is not None and message.not_before == at(leaves)


def test_mails_have_their_places_in_the_first_part_of_the_window() -> None:
    policy = replace(POLICY, window=replace(POLICY.window, spread_minutes=90))
    early, first, last = at("2026-11-18 06:00"), at("2026-11-18 09:30"), at("2026-11-18 11:00")
    contacts = [replace(ACTIVE, id=f"c-{number}") for number in range(200)]
    moments = []
    for contact in contacts:
        decision = decide(book(LATE, contact=contact), policy, early)
        assert decision.message is not None
        place = decision.message.not_before
        again = decide(book(LATE, contact=contact), policy, first - timedelta(minutes=1)).message
        assert again is not None and again.not_before == place
        open_ = first + timedelta(minutes=1)
        at_once = decide(book(LATE, contact=contact), policy, open_).message
        assert at_once is not None and at_once.not_before == open_
        assert f"Leaves at {place:%H:%M} in the sending window" in why(decision)
        moments.append(place)
    assert first <= min(moments) and max(moments) <= last
    assert len({moment.minute for moment in moments}) > 50


def test_in_a_short_window_the_places_are_in_its_first_third() -> None:
    window = replace(POLICY.window, spread_minutes=90, closes=time(10, 0))
    for number in range(50):
        debt = book(LATE, contact=replace(ACTIVE, id=f"c-{number}"))
        message = decide(debt, replace(POLICY, window=window), at("2026-11-18 06:00")).message
        assert message is not None and at("2026-11-18 09:30") <= message.not_before <= at("2026-11-18 09:40")


def test_a_step_of_a_saturday_says_on_saturday_and_on_monday_that_it_was_moved() -> None:
    debt = book(invoice("2026-11-07"), taken=behind(1, 2))
    saturday = decide(debt, POLICY, at("2026-11-14 10:00"))
    assert "Moved from Saturday 14 November 2026 to Monday 16 November 2026" in why(saturday)
    monday = decide(debt, POLICY, at("2026-11-16 10:00"))
    assert "Moved from Saturday 14 November 2026 to Monday 16 November 2026" in why(monday)
    tuesday = decide(debt, POLICY, at("2026-11-17 10:00"))
    assert "Moved" not in why(tuesday)


@pytest.mark.parametrize("now", ["2026-11-12 10:00", "2026-11-14 10:00", "2026-11-15 10:00"])
def test_a_mail_of_a_weekend_is_foreseen_with_one_move_from_its_own_day(now: str) -> None:
    (first, *_) = forecast(book(invoice("2026-11-07"), taken=behind(1, 2)), POLICY, at(now))
    moves = [one.text for one in first.message.reasons if "Moved" in one.text]
    assert moves == [
        "Moved from Saturday 14 November 2026 to Monday 16 November 2026, the first sending day after it."
    ]


def test_a_step_to_come_names_its_own_day_and_what_moves_it() -> None:
    weekend = decide(book(invoice("2026-11-07"), taken=behind(1, 2)), POLICY, at("2026-11-12 10:00"))
    assert "Moved from Saturday 14 November 2026 to Monday 16 November 2026" in why(weekend)
    soon = book(invoice("2026-11-11"), taken=behind(1, 2), last_message_at=at("2026-11-17 10:00"))
    assert (
        "The next step is “Second reminder” on Monday 23 November 2026; the invoice is due on 11 November 2026. Its own"
        " day is Wednesday 18 November 2026; so soon after the last message none leaves before Saturday 21 November"
        " 2026. Moved from Saturday 21 November 2026 to Monday 23 November 2026"
        in why(decide(soon, POLICY, at("2026-11-17 12:00")))
    )
    plain = decide(book(invoice("2026-11-11"), taken=behind(1, 2)), POLICY, at("2026-11-17 12:00"))
    assert "Moved" not in why(plain) and "own day" not in why(plain)


def test_a_step_that_is_due_says_from_when_on() -> None:
    decision = decide(book(LATE), POLICY, at("2026-11-20 10:00"))
    assert "“Second reminder” is due from 18 November 2026 on, 7 days after the due date." in why(decision)


def test_on_saturday_only_what_is_due_by_then_is_planned_and_on_monday_more_joins() -> None:
    debt = book(invoice("2026-11-07"), invoice("2026-11-14", name="B"), taken=behind(2))
    assert travelling(decide(debt, POLICY, at("2026-11-14 10:00"))) == [("A", 3)]
    assert travelling(decide(debt, POLICY, at("2026-11-16 09:30"))) == [("A", 3), ("B", 2)]


def test_four_calendar_days_pass_between_two_messages() -> None:
    debt = book(LATE, last_message_at=at("2026-11-16 15:00"))
    decision = decide(debt, POLICY, at("2026-11-18 10:00"))
    assert on(decision).verdict is Verdict.SEND
    assert decision.message is not None
    assert decision.message.not_before == at("2026-11-20 09:30")
    assert "The last message left on 16 November 2026; 4 days must pass" in why(decision)
    assert "from 20 November 2026 on" in why(decision)


def test_without_a_gap_there_is_still_no_second_message_on_a_day() -> None:
    policy = replace(POLICY, minimum_gap_days=0)
    debt = book(LATE, last_message_at=at("2026-11-18 09:31"))
    message = decide(debt, policy, at("2026-11-18 15:00")).message
    assert message is not None and message.not_before == at("2026-11-19 09:30")


def test_a_gap_that_ends_on_a_weekend_is_rounded_up_to_a_sending_day() -> None:
    debt = book(LATE, last_message_at=at("2026-11-17 10:00"))
    message = decide(debt, POLICY, at("2026-11-18 10:00")).message
    assert message is not None and message.not_before == at("2026-11-23 09:30")


def test_a_courtesy_note_that_the_gap_would_make_late_is_left_out() -> None:
    debt = book(invoice("2026-11-21"), last_message_at=at("2026-11-16 10:00"))
    decision = decide(debt, POLICY, at("2026-11-18 10:00"))
    assert decision.message is None
    assert "leaves before the due date or not at all" in why(decision)


def test_all_invoices_of_a_contact_travel_in_one_message_and_the_gravest_gives_the_text() -> None:
    debt = book(
        invoice("2026-11-16", name="new"),
        invoice("2026-11-04", "80.00", "EUR", name="older"),
        invoice("2026-11-01", name="oldest"),
        invoice("2026-12-30", name="not due"),
    )
    decision = decide(debt, POLICY, at("2026-11-18 10:00"))
    assert travelling(decision) == [("oldest", 4), ("older", 4), ("new", 2)]
    assert decision.message is not None
    assert decision.message.step.name == "Third reminder"
    assert "3 invoices travel in one message." in why(decision, "new")


def test_of_two_equally_grave_steps_the_older_debt_leads() -> None:
    debt = book(invoice("2026-11-10", name="young"), invoice("2026-11-09", name="old"))
    assert travelling(decide(debt, POLICY, at("2026-11-18 10:00"))) == [("old", 3), ("young", 3)]


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        decide(book(LATE), POLICY, at("2026-11-18 10:00").replace(tzinfo=None))


def test_a_planned_message_is_looked_at_again_when_its_window_closes() -> None:
    assert decide(book(LATE), POLICY, at("2026-11-18 10:00")).next_look_at == at("2026-11-18 16:00")


def test_a_contact_that_waits_is_looked_at_when_its_next_steps_day_begins() -> None:
    decision = decide(book(LATE, taken=behind(3)), POLICY, at("2026-11-18 10:00"))
    assert decision.next_look_at == at("2026-11-25 00:00")
