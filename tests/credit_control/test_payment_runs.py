"""Customers who pay on certain days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.calendar import first_sending_day
from credit_control.decide import decide
from credit_control.decisions import Verdict
from credit_control.facts import DaysOff, PaymentDays, StepTaken
from credit_control.forecast import forecast
from credit_control.payment_runs import check_days, run_in_the_way
from credit_control.schedules import FIRM, GENTLE, STANDARD
from tests.credit_control.books import ACTIVE, LONDON, POLICY, at, behind, book, day, invoice, on, why

ON_THE_25TH = replace(ACTIVE, pays_on=PaymentDays((25,)))
MONTH_END = PaymentDays((31,))
FRIDAYS = PaymentDays(weekdays=(4,))


@pytest.mark.parametrize(
    ("today", "leaves"),
    [
        ("2026-11-19", "2026-11-19"),  # a Thursday, four working days before
        ("2026-11-20", "2026-11-27"),
        ("2026-11-24", "2026-11-27"),
        ("2026-11-25", "2026-11-27"),
        ("2026-11-26", "2026-11-27"),  # the day that the money has to arrive
        ("2026-11-27", "2026-11-27"),
    ],
)
def test_a_reminder_near_the_run_leaves_on_the_second_working_day_after_it(today: str, leaves: str) -> None:
    debt = book(
        invoice(day(today) - timedelta(days=2)), contact=ON_THE_25TH
    )  # its first reminder is due today
    decision = decide(debt, POLICY, at(f"{today} 10:00"))
    assert on(decision).next_step is not None
    assert on(decision).next_step.on == day(leaves)  # type: ignore[union-attr]  # seen in the line above
    assert (on(decision).verdict is Verdict.WAIT) is (today != leaves)
    (first, *_) = forecast(debt, POLICY, at(f"{today} 08:00"))
    assert first.on == day(leaves)


def test_it_says_for_what_it_waits_and_afterwards_for_what_it_has_waited() -> None:
    debt = book(invoice("2026-11-22"), contact=ON_THE_25TH)
    assert (
        "The customer’s next payment run is on Wednesday 25 November 2026, so the reminder waits: it leaves from"
        " Friday 27 November 2026 on" in why(decide(debt, POLICY, at("2026-11-24 10:00")))
    )
    assert (
        "Moved from Tuesday 24 November 2026 to Friday 27 November 2026, past the customer’s payment run of"
        " Wednesday 25 November 2026." in why(decide(debt, POLICY, at("2026-11-27 10:00")))
    )


def test_a_reminder_to_come_names_its_own_day_and_the_run_that_moves_it() -> None:
    decision = decide(book(invoice("2026-11-22"), contact=ON_THE_25TH), POLICY, at("2026-11-23 10:00"))
    assert (
        "The next step is “First reminder” on Friday 27 November 2026; the invoice is due on 22 November 2026. Moved"
        " from Tuesday 24 November 2026 to Friday 27 November 2026, past the customer’s payment run of"
        in why(decision)
    )


def test_what_is_foreseen_past_a_run_names_one_move_and_no_other() -> None:
    debt = book(invoice("2026-11-22"), contact=ON_THE_25TH, taken=behind(1))
    (first, *_) = forecast(debt, POLICY, at("2026-11-20 10:00"))
    moves = [one.text for one in first.message.reasons if "Moved" in one.text]
    assert first.on == day("2026-11-27") and len(moves) == 1
    assert "past the customer’s payment run" in moves[0]
    assert any(
        one.text.startswith("Leaves when the sending window of Friday") for one in first.message.reasons
    )


def test_a_note_before_the_due_date_does_not_wait_for_the_run_that_it_is_for() -> None:
    decision = decide(book(invoice("2026-11-27"), contact=ON_THE_25TH), POLICY, at("2026-11-24 10:00"))
    assert on(decision).verdict is Verdict.SEND


def test_one_run_is_let_pass_and_no_second_one() -> None:
    every_friday = replace(ACTIVE, pays_on=FRIDAYS)
    debt = book(invoice("2026-11-15"), contact=every_friday)  # its reminder is due on Tuesday 17 November
    assert on(decide(debt, POLICY, at("2026-11-17 10:00"))).verdict is Verdict.WAIT
    assert on(decide(debt, POLICY, at("2026-11-23 10:00"))).verdict is Verdict.WAIT
    assert on(decide(debt, POLICY, at("2026-11-24 10:00"))).verdict is Verdict.SEND
    assert on(decide(debt, POLICY, at("2026-11-26 10:00"))).verdict is Verdict.SEND


def test_a_graver_step_that_comes_while_one_waits_does_not_wait_anew() -> None:
    every_friday = replace(ACTIVE, pays_on=FRIDAYS)
    debt = book(invoice("2026-11-15"), contact=every_friday)  # the second reminder comes on 22 November
    message = decide(debt, POLICY, at("2026-11-24 10:00")).message
    assert message is not None and message.step.name == "Second reminder"


def test_runs_of_a_short_month_are_on_its_last_day_and_those_of_a_day_off_on_the_next_working_day() -> None:
    run = run_in_the_way(MONTH_END, LONDON, day("2026-02-26"), day("2026-02-26"))
    assert run is not None and run.on == day("2026-03-02")  # 28 February is a Saturday
    assert run.free_on == day("2026-03-04")
    easter = replace(
        LONDON, off=DaysOff("easter", names=dict.fromkeys([day("2026-04-03"), day("2026-04-06")], "Easter"))
    )
    run = run_in_the_way(PaymentDays((3,)), easter, day("2026-04-01"), day("2026-04-01"))
    assert run is not None and (run.on, run.free_on) == (day("2026-04-07"), day("2026-04-09"))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (PaymentDays(), "at least one day"),
        (PaymentDays((32,)), "from 1 to 31"),
        (PaymentDays((0,)), "from 1 to 31"),
        (PaymentDays(weekdays=(7,)), "from 0"),
    ],
)
def test_days_on_which_nobody_can_pay_are_refused(days: PaymentDays, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_days(days)


PAYS = st.one_of(
    st.builds(PaymentDays, month_days=st.lists(st.integers(1, 31), min_size=1, max_size=4).map(tuple)),
    st.builds(PaymentDays, weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=7).map(tuple)),
)
SENDING_DAYS = st.frozensets(st.integers(0, 6), min_size=1)


@given(PAYS, SENDING_DAYS, st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(0, 40))
def test_it_waits_for_one_run_at_most_and_never_past_the_first_day_after_it(
    pays: PaymentDays, days: frozenset[int], ready: date, late: int
) -> None:
    window = replace(LONDON, days=days)
    leaves = first_sending_day(window, ready + timedelta(days=late))
    run = run_in_the_way(pays, window, ready, leaves)
    if run is None:
        return
    assert run.from_day <= leaves < run.free_on
    assert first_sending_day(window, run.free_on) == run.free_on
    assert run.free_on > run.on + timedelta(days=1)
    assert run_in_the_way(pays, window, ready, run.free_on) is None
    assert run_in_the_way(pays, window, ready, first_sending_day(window, run.free_on + timedelta(1))) is None


@given(
    PAYS,
    SENDING_DAYS,
    st.sampled_from([GENTLE, STANDARD, FIRM]),
    st.dates(date(2026, 1, 1), date(2027, 6, 30)),
)
def test_however_a_customer_pays_the_gravest_mail_leaves_in_the_end(
    pays: PaymentDays, days: frozenset[int], steps: tuple[object, ...], due: date
) -> None:
    """Nobody pays: each mail is put off by at most one run, and the last one leaves."""
    policy = replace(POLICY, window=replace(LONDON, days=days))
    debt = book(invoice(due), contact=replace(ACTIVE, pays_on=pays), steps=steps)  # type: ignore[arg-type]  # steps they are
    start = datetime.combine(due - timedelta(days=6), time(), tzinfo=at("2026-01-01").tzinfo)
    mails = forecast(debt, policy, start, days=110)
    last = max(step.position for step in debt.schedule.steps if step.template)
    assert mails[-1].message.step.position == last
    own = due + timedelta(days=mails[-1].message.step.offset_days)
    assert (mails[-1].on - own).days <= 45


def test_a_held_customer_that_is_let_go_waits_for_the_run_that_is_near_unless_one_has_passed() -> None:
    debt = book(invoice("2026-11-10"), contact=ON_THE_25TH)
    assert on(decide(debt, POLICY, at("2026-11-24 10:00"))).verdict is Verdict.WAIT
    older = book(invoice("2026-10-12"), contact=ON_THE_25TH, taken=(StepTaken("A", 1), *behind(2)))
    assert on(decide(older, POLICY, at("2026-11-24 10:00"))).verdict is Verdict.SEND
