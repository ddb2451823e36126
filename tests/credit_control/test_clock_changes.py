"""Through every change of every zone's clocks, leap days and month ends: inside the window, on the right day, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from credit_control.calendar import first_sending_day, local_day, next_moment
from credit_control.decide import decide
from credit_control.facts import Action, Policy, SendingWindow, Step, StepTaken
from credit_control.schedules import FIRM, STANDARD
from tests.credit_control.books import book, invoice

_FIRST, _LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_ZONES = sorted(available_timezones() - {"Factory", "localtime"})
_LETTERS = sorted({zone[0] for zone in _ZONES})

TRICKY = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Santiago",
    "Pacific/Kiritimati",
)
DUE = (
    date(2024, 2, 26),  # its steps fall around 29 February
    date(2025, 2, 25),  # and here there is none
    date(2026, 3, 29),  # London's clocks go forward
    date(2026, 10, 25),  # and back
    date(2026, 2, 15),  # Casablanca's, for Ramadan
    date(2026, 4, 5),  # Lord Howe's, by half an hour
    date(2026, 1, 31),
    date(2026, 12, 31),
)


def _moments(zone: ZoneInfo) -> Iterator[datetime]:
    """Two years, every other day at another hour; and every hour of the days around a change of the clocks."""
    now = _FIRST
    while now < _LAST:
        yield now
        if now.astimezone(zone).utcoffset() != (now + 2 * _DAY).astimezone(zone).utcoffset():
            yield from (now + hours * _HOUR for hours in range(72))
        now += 2 * _DAY + _HOUR


@pytest.mark.parametrize("letter", _LETTERS)
def test_in_every_zone_a_mail_leaves_on_a_sending_day_between_opening_and_closing(letter: str) -> None:
    for name in (zone for zone in _ZONES if zone[0] == letter):
        window, zone = SendingWindow(name), ZoneInfo(name)
        for now in _moments(zone):
            moment = next_moment(window, now)
            local = moment.astimezone(zone)
            assert now <= moment <= now + 5 * _DAY, f"{name} at {now}"
            assert local.weekday() in window.days, f"{name} at {now}"
            assert window.opens <= local.time() < window.closes, f"{name} at {now}"


@pytest.mark.parametrize("zone", TRICKY)
@pytest.mark.parametrize("steps", [STANDARD, FIRM], ids=["standard", "firm"])
def test_each_mail_of_a_schedule_leaves_once_on_the_first_day_it_may(
    zone: str, steps: tuple[Step, ...]
) -> None:
    policy = Policy(SendingWindow(zone))
    for due in DUE:
        sent = dict(_sent(due, steps, policy))
        last: date | None = None
        for step in (one for one in steps if one.action is Action.EMAIL):
            own = due + timedelta(days=step.offset_days)
            free = own if last is None else max(own, last + timedelta(days=policy.minimum_gap_days))
            wanted = first_sending_day(policy.window, free)
            if step.offset_days < 0 and (
                wanted >= due or wanted > first_sending_day(policy.window, own + _DAY)
            ):
                assert step.position not in sent, f"{step.name} of {due}"
                continue
            assert sent.pop(step.position) == wanted, f"{step.name} of {due}"
            last = wanted
        assert sent == {}


def _sent(due: date, steps: tuple[Step, ...], policy: Policy) -> Iterator[tuple[int, date]]:
    """Live through the schedule, looking every three hours; each step that left, with the organisation's day."""
    taken: tuple[StepTaken, ...] = ()
    last: datetime | None = None
    now = datetime(due.year, due.month, due.day, tzinfo=UTC) - 8 * _DAY
    for _ in range(8 * 55):
        now += 3 * _HOUR
        facts = book(invoice(due), steps=steps, taken=taken, last_message_at=last)
        message = decide(facts, policy, now).message
        if message is None or not message.not_before <= now < message.not_after:
            continue
        [(_, step)] = message.taken
        assert step.position not in {one.position for one in taken}
        taken, last = (*taken, StepTaken("A", step.position)), now
        yield step.position, local_day(policy.window, now)
