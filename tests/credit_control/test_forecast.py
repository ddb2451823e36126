"""What would leave in the coming days."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings

from credit_control.calendar import next_moment, next_slot, start_of_day
from credit_control.decide import decide
from credit_control.facts import Action, ContactBook, Policy
from credit_control.forecast import after_sending, forecast
from credit_control.timing import window_for
from tests.credit_control.books import POLICY, at, behind, book, day, invoice
from tests.credit_control.strategies import situations

NOW = at("2026-11-18 10:00")
Situation = tuple[ContactBook, Policy, datetime]


def test_a_schedule_unfolds_over_the_coming_days() -> None:
    coming = forecast(book(invoice("2026-11-16")), POLICY, NOW)
    assert [(one.on, one.message.step.name) for one in coming] == [
        (day("2026-11-18"), "First reminder"),
        (day("2026-11-23"), "Second reminder"),
        (day("2026-11-30"), "Third reminder"),
    ]


def test_an_invoice_that_becomes_due_joins_the_message_of_its_day() -> None:
    debt = book(invoice("2026-11-16"), invoice("2026-11-18", name="B"), taken=behind(2) + behind(1, name="B"))
    [first, *_] = forecast(debt, POLICY, NOW)
    assert (first.on, [name for name, _ in first.message.taken]) == (day("2026-11-20"), ["B"])


def test_a_forecast_ends_after_the_days_asked_for() -> None:
    assert [one.on for one in forecast(book(invoice("2026-11-16")), POLICY, NOW, days=5)] == [
        day("2026-11-18"),
        day("2026-11-23"),
    ]
    assert len(forecast(book(invoice("2026-11-16")), POLICY, NOW, days=4)) == 1


def test_a_finished_schedule_forecasts_nothing() -> None:
    assert forecast(book(invoice("2026-06-01"), taken=behind(6)), POLICY, NOW, days=60) == ()


def test_an_old_debt_is_forecast_one_mail_and_no_second() -> None:
    [only] = forecast(book(invoice("2026-06-01")), POLICY, NOW, days=90)
    assert only.message.step.name == "Formal notice"


@given(situations())
@settings(max_examples=60)
def test_a_forecast_never_repeats_a_step_and_keeps_the_gap(situation: Situation) -> None:
    book, policy, now = situation
    coming = forecast(book, policy, now, days=45)
    steps = [(name, step.position) for one in coming for name, step in one.message.taken]
    assert len(set(steps)) == len(steps)
    assert all(step.action is Action.EMAIL for one in coming for _, step in one.message.taken)
    for earlier, later in pairwise(coming):
        assert (later.on - earlier.on).days >= max(1, policy.minimum_gap_days)


@given(situations())
@settings(max_examples=60)
def test_a_forecast_agrees_with_deciding_every_day(situation: Situation) -> None:
    book, policy, now = situation
    assert [
        (one.on, [(name, step.position) for name, step in one.message.taken])
        for one in forecast(book, policy, now, days=21)
    ] == _day_by_day(book, policy, now, days=21)


def _day_by_day(
    book: ContactBook, policy: Policy, now: datetime, days: int
) -> list[tuple[object, list[tuple[str, int]]]]:
    """The same, found the long way: decide at every moment at which a mail may leave."""
    zone = ZoneInfo(policy.window.zone)
    first = now.astimezone(zone).date()
    starts = [start_of_day(policy.window, first + timedelta(days=number)) for number in range(1, days + 1)]
    end = start_of_day(policy.window, first + timedelta(days=days + 1))
    sent: list[tuple[object, list[tuple[str, int]]]] = []
    window = window_for(policy.window, book.contact.office)
    for moment in sorted({next_moment(window, start) for start in (now, *starts)}):
        decision = decide(book, policy, moment)
        if decision.message and decision.message.not_before < next_slot(window, moment).closes:
            moment = decision.message.not_before  # its place in this very slot
            decision = decide(book, policy, moment)
        message = decision.message
        if moment < end and message and message.not_before <= moment:
            on = moment.astimezone(zone).date()
            sent.append((on, [(name, step.position) for name, step in message.taken]))
            book = after_sending(book, decision, message)
    return sent
