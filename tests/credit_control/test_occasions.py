"""The rules of mails that no step sends, for any book, day and history."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.calendar import first_slot, is_working_day, local_day
from credit_control.decide import decide
from credit_control.facts import (
    Contact,
    ContactBook,
    Credit,
    DaysOff,
    Invoice,
    Policy,
    Schedule,
    SendingWindow,
)
from credit_control.occasions import (
    COURTESIES,
    KEEPS_THE_GAP,
    Leaves,
    LeftOut,
    Occasion,
    OccasionKind,
    decide_occasion,
    last_sensible_day,
    next_statement_day,
    statement_day,
)
from credit_control.resting import Hold, HoldKind
from credit_control.schedules import STANDARD

LONDON = SendingWindow("Europe/London", off=DaysOff("test", names={date(2027, 1, 1): "New Year’s Day"}))
POLICY = Policy(LONDON)
SCHEDULE = Schedule("v1", "Standard", 1, STANDARD)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
AGES = st.none() | st.timedeltas(timedelta(), timedelta(days=12))


def book(now: datetime, due: list[int], last: timedelta | None, courtesy: timedelta | None) -> ContactBook:
    """A customer with invoices due so many days ago, last written to so long ago."""
    today = local_day(LONDON, now)
    invoices = tuple(
        Invoice(
            f"i{number}",
            f"INV-{number}",
            today - timedelta(days=days + 30),
            today - timedelta(days=days),
            "GBP",
            Decimal(100),
            Decimal(100),
            "AUTHORISED",
        )
        for number, days in enumerate(due)
    )
    return ContactBook(
        Contact("c", "Ashdown", "ACTIVE", "a@example.com"),
        SCHEDULE,
        invoices,
        last_message_at=now - last if last is not None else None,
        last_courtesy_at=now - courtesy if courtesy is not None else None,
    )


def decided(kind: OccasionKind, on: date, its: ContactBook, now: datetime) -> Leaves | LeftOut:
    occasion = Occasion(kind, on, its.invoices, last_sensible_day(on, LONDON))
    return decide_occasion(occasion, its, POLICY, now, decide(its, POLICY, now).message)


@given(
    kind=st.sampled_from(list(OccasionKind)),
    now=MOMENTS,
    due=st.lists(st.integers(-60, 200), min_size=1, max_size=4),
    last=AGES,
    courtesy=AGES,
    ahead=st.integers(-8, 8),
)
def test_whatever_leaves_does_so_in_an_open_window_in_time_and_apart_from_others(
    kind: OccasionKind,
    now: datetime,
    due: list[int],
    last: timedelta | None,
    courtesy: timedelta | None,
    ahead: int,
) -> None:
    its = book(now, due, last, courtesy)
    on = local_day(LONDON, now) + timedelta(days=ahead)
    found = decided(kind, on, its, now)
    if isinstance(found, LeftOut):
        assert found.reason.text
        return
    leaves_on = local_day(LONDON, found.not_before)
    slot = first_slot(LONDON, leaves_on)
    assert slot.day == leaves_on and slot.opens <= found.not_before < slot.closes == found.not_after
    assert found.not_before >= now
    assert on <= leaves_on <= last_sensible_day(on, LONDON)
    if its.last_message_at:
        apart = (leaves_on - local_day(LONDON, its.last_message_at)).days
        assert apart >= (POLICY.minimum_gap_days if kind in KEEPS_THE_GAP else 1)
    message = decide(its, POLICY, now).message
    if message and kind in KEEPS_THE_GAP:
        assert local_day(LONDON, message.not_before) != leaves_on
    assert all(reason.text for reason in found.reasons)


@given(now=MOMENTS, courtesy=st.timedeltas(timedelta(), timedelta(days=3)))
def test_no_chaser_leaves_on_the_day_of_a_courtesy(now: datetime, courtesy: timedelta) -> None:
    its = book(now, [2], None, courtesy)
    message = decide(its, POLICY, now).message
    assert its.last_courtesy_at
    if message:
        assert local_day(LONDON, message.not_before) > local_day(LONDON, its.last_courtesy_at)


@given(day=st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_statements_leave_on_the_first_sending_day_of_a_month(day: date) -> None:
    on = next_statement_day(LONDON, day)
    assert on >= day and is_working_day(on, LONDON.off)
    first = on.replace(day=1)
    assert statement_day(LONDON, on) == on
    assert all(not is_working_day(first + timedelta(days=n), LONDON.off) for n in range((on - first).days))
    assert (on - day).days <= 36


def test_a_hold_stops_every_kind_but_neither_thanks_for_a_promise_nor_an_answer_to_who_wrote() -> None:
    now = datetime(2026, 12, 1, 11, tzinfo=UTC)
    for kind in OccasionKind:
        for hold in HoldKind:
            its = book(now, [-30], None, None)
            held = ContactBook(its.contact, SCHEDULE, its.invoices, holds=(Hold(hold, "Because"),))
            found = decided(kind, date(2026, 12, 1), held, now)
            goes = (kind is OccasionKind.THANKS and hold is HoldKind.PROMISE) or (
                kind is OccasionKind.DISPUTE_RESOLVED and hold in (HoldKind.REPLY, HoldKind.PROMISE)
            )
            assert isinstance(found, Leaves) is goes, (kind, hold)


@pytest.mark.parametrize(
    ("owed", "credit", "gets_one"), [("9.99", "0", False), ("0", "10", True), ("10", "0", True)]
)
def test_a_statement_needs_a_balance_of_the_minimum_in_some_currency(
    owed: str, credit: str, gets_one: bool
) -> None:
    now = datetime(2026, 12, 1, 11, tzinfo=UTC)
    today = date(2026, 12, 1)
    invoices = tuple(
        Invoice("i", "INV-1", today, today + timedelta(days=30), "GBP", total, total, "AUTHORISED")
        for total in [Decimal(owed)]
        if total
    )
    credits_ = (Credit("credit_note", "EUR", Decimal(credit)),) if Decimal(credit) else ()
    its = ContactBook(Contact("c", "A", "ACTIVE", "a@example.com"), SCHEDULE, invoices, credits_)
    assert isinstance(decided(OccasionKind.STATEMENT, today, its, now), Leaves) is gets_one


def test_each_kind_either_keeps_the_gap_or_is_a_courtesy() -> None:
    assert set(OccasionKind) == KEEPS_THE_GAP | COURTESIES
    assert not KEEPS_THE_GAP & COURTESIES


def test_the_window_is_the_one_on_the_walls_of_the_organisation() -> None:
    now = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    its = book(now, [-30], None, None)
    found = decided(OccasionKind.THANKS, date(2026, 12, 1), its, now)
    assert isinstance(found, Leaves)
    assert found.not_before.astimezone(ZoneInfo("Europe/London")).time() >= time(9, 30)
