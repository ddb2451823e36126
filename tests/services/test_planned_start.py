"""Going live on a chosen day: once, on that day of the organisation's own calendar, or not at all and with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import planned_start, switches
from services.stopping import stop
from store.models import Membership, Person, PlannedStart
from store.queries import setting_up
from tests.support.chasing import MONDAY, Chasing, chasing

TUESDAY = date(2026, 11, 17)


def wish(org: Chasing, on: date = TUESDAY, person_id: str | None = None) -> None:
    planned_start.plan_start(org.app, org.organisation_id, on, "Anna Hale", person_id, reminders_stay_on=True)


def wished(org: Chasing) -> PlannedStart | None:
    with org.app.database.read(org.organisation_id) as session:
        return setting_up.planned_start(session, org.organisation_id)


def tick(org: Chasing) -> bool:
    """What the clock finds and the worker does; whether it found anything."""
    found = planned_start.due(org.app)
    for organisation_id in found:
        assert not planned_start.work(org.app, organisation_id)
    return bool(found)


def test_it_goes_live_on_its_day_once_and_by_the_name_of_who_chose_it(org: Chasing) -> None:
    org.one_overdue()
    wish(org)
    assert not tick(org) and org.organisation().chasing == "off"
    org.move_to(datetime(2026, 11, 17, 0, 0, 5, tzinfo=UTC))
    assert tick(org)
    assert (org.organisation().chasing, org.organisation().chasing_changed_by) == ("live", "Anna Hale")
    assert wished(org) is None and org.only_chaser().status == "planned"
    org.switch("dry_run")
    assert not tick(org) and org.organisation().chasing == "dry_run"


def test_a_worker_that_dies_before_the_switch_is_moved_leaves_it_to_the_next_one(org: Chasing) -> None:
    wish(org)
    org.move_to(MONDAY + timedelta(days=1))

    def dies(session: Session) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        switches.change_chasing(org.app, org.organisation_id, "live", "Anna Hale", first=dies)
    assert org.organisation().chasing == "off" and wished(org) is not None
    assert tick(org) and org.organisation().chasing == "live"
    assert not tick(org)


def test_two_workers_at_once_switch_once(org: Chasing) -> None:
    org.one_overdue()
    wish(org)
    org.move_to(MONDAY + timedelta(days=1))
    planned_start.work(org.app, org.organisation_id)
    since = org.organisation().chasing_since
    org.shift(minutes=1)
    planned_start.work(org.app, org.organisation_id)
    assert org.organisation().chasing_since == since


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Europe/London"])
def test_the_day_begins_by_the_clocks_of_the_organisation(
    database_url: str, tmp_path: Path, zone: str
) -> None:
    with chasing(database_url, tmp_path, timezone=zone) as org:
        wish(org, date(2026, 11, 19))
        midnight = datetime(2026, 11, 19, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        org.move_to(midnight - timedelta(seconds=1))
        assert not tick(org)
        org.move_to(midnight)
        assert tick(org) and org.organisation().chasing == "live"


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/London", date(2026, 10, 25)),  # an hour comes twice
        ("Europe/London", date(2026, 3, 29)),  # an hour is missing
        ("America/Santiago", date(2026, 9, 6)),  # midnight itself is missing
        ("Asia/Beirut", date(2026, 3, 29)),
    ],
)
def test_a_change_of_the_clocks_neither_loses_nor_doubles_it(
    database_url: str, tmp_path: Path, zone: str, day: date
) -> None:
    noon_before = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=1)
    with chasing(database_url, tmp_path, now=noon_before, timezone=zone) as org:
        wish(org, day)
        went = 0
        for hours in range(48):
            org.move_to(noon_before + timedelta(hours=hours))
            before = org.organisation().chasing
            tick(org)
            if (before, org.organisation().chasing) == ("off", "live"):
                went += 1
                assert (noon_before + timedelta(hours=hours)).astimezone(ZoneInfo(zone)).date() == day
        assert went == 1


def test_it_can_be_taken_back_and_switching_off_takes_it_back_too(org: Chasing) -> None:
    wish(org)
    assert planned_start.cancel(org.app, org.organisation_id)
    assert not planned_start.cancel(org.app, org.organisation_id)
    org.switch("dry_run")
    wish(org)
    org.switch("off")
    assert wished(org) is None
    org.move_to(MONDAY + timedelta(days=1))
    assert not tick(org) and org.organisation().chasing == "off"


def test_a_dry_run_meanwhile_leaves_the_day_as_it_is(org: Chasing) -> None:
    wish(org)
    org.switch("dry_run")
    assert wished(org) is not None


def test_a_day_that_was_slept_through_comes_to_nothing(org: Chasing) -> None:
    wish(org)
    org.move_to(MONDAY + timedelta(days=3))
    assert tick(org)
    assert "Dunnock was not at work on Tuesday 17 November" in refused(org)


def refused(org: Chasing) -> str:
    start = wished(org)
    assert start is not None and org.organisation().chasing != "live"
    assert planned_start.due(org.app) == []
    return start.refused or ""


def test_a_far_larger_plan_than_was_said_yes_to_is_refused(org: Chasing) -> None:
    org.one_overdue()
    wish(org)
    for number in range(12):
        org.invoice(org.customer(f"Customer {number}"), f"OTHER-{number}", 3)
    org.mirror()
    org.move_to(MONDAY + timedelta(days=1))
    tick(org)
    assert "13 mails would leave today, and 1 by today had been foreseen" in refused(org)


def lose_the_ledger(org: Chasing) -> None:
    org.change(connection="needs_reconnect")


def stop_all_mail(org: Chasing) -> None:
    stop(org.app, org.organisation_id, "Somebody complained.", "Ben Okafor")


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [(lose_the_ledger, "Xero is not connected"), (stop_all_mail, "Somebody complained.")],
)
def test_what_became_unsafe_in_between_keeps_it_from_going_live(
    org: Chasing, happens: Callable[[Chasing], None], sentence: str
) -> None:
    wish(org)
    happens(org)
    org.move_to(MONDAY + timedelta(days=1))
    tick(org)
    assert sentence in refused(org)


def test_who_may_no_longer_switch_chasing_has_not_said_yes(org: Chasing) -> None:
    with org.app.database.write_across() as session:
        session.add(
            Person(id="a" * 32, subject="anna", email="a@fake.example", name="Anna Hale", created_at=MONDAY)
        )
        session.flush()
        session.add(Membership(organisation_id=org.organisation_id, person_id="a" * 32, role="owner"))
    wish(org, person_id="a" * 32)
    with org.app.database.write_across() as session:
        found = session.get(Membership, (org.organisation_id, "a" * 32))
        assert found is not None
        found.role = "chaser"
    org.move_to(MONDAY + timedelta(days=1))
    tick(org)
    assert "may no longer switch chasing" in refused(org)


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (date(2026, 11, 16), "from tomorrow on"),
        (date(2026, 11, 1), "from tomorrow on"),
        (date(2027, 3, 1), "within 60 days"),
    ],
)
def test_a_day_that_cannot_be_is_refused(org: Chasing, on: date, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        wish(org, on)
    assert wished(org) is None


def test_while_something_stands_in_the_way_no_day_is_set(org: Chasing) -> None:
    stop_all_mail(org)
    with pytest.raises(UserError, match=r"No day was set: .*Somebody complained"):
        wish(org)
    org.change(imported_at=None)
    with pytest.raises(UserError, match="still being read"):
        wish(org)


def test_who_is_live_already_needs_no_day(org: Chasing) -> None:
    switches.change_chasing(org.app, org.organisation_id, "live", "Anna Hale")
    with pytest.raises(UserError, match="live already"):
        wish(org)
