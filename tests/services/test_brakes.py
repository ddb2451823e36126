"""Brakes: whatever the rules want, not too many, not by old books, and nothing at all once somebody says stop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from credit_control.brakes import Kind
from kit.errors import UserError
from services import brakes, habits, outlook, stopping, switches
from tests.services.brake_stage import (
    customers,
    held,
    in_force,
    kinds,
    live,
    release,
    stop_one,
    unasked,
)
from tests.support.chasing import Chasing, chasing
from tests.support.mirrored import add_organisation


def test_ten_thousand_overdue_invoices_send_nothing_before_a_yes_and_then_no_more_than_the_cap(
    org: Chasing,
) -> None:
    for number in range(2_500):
        customer = org.customer(f"Customer {number}")
        for part in range(4):
            org.invoice(customer, f"INV-{number}-{part}", 3 + (4 * number + part) % 340)
    org.mirror()
    for _ in range(2):
        org.plan(everything=True)
        org.send()
    assert (org.mailer.taken, org.chasers()) == ([], [])
    org.switch("live")
    for _ in range(3):
        org.send()
        org.shift(minutes=1)
    assert len(org.mailer.taken) == 100
    assert kinds(org) == [Kind.CAP]


def test_what_a_person_said_yes_to_by_going_live_leaves_however_much_it_is(org: Chasing) -> None:
    customers(org, 45)
    org.switch("live")
    org.send()
    assert (len(org.mailer.taken), kinds(org)) == (45, [])


def test_a_run_far_beyond_any_before_it_is_held_whole_until_somebody_says_yes(org: Chasing) -> None:
    live(org)
    org.shift(days=1)
    unasked(org, 60)
    org.send()
    assert len(org.mailer.taken) == 1
    assert len(held(org, Kind.SURGE)) == 60
    org.plan(everything=True)
    org.send()
    assert len(held(org, Kind.SURGE)) == 60
    release(org)
    org.send()
    assert (len(org.mailer.taken), kinds(org)) == (61, [])


def test_no_more_than_twenty_that_nobody_was_asked_about_leave_one_by_one_either(org: Chasing) -> None:
    live(org)
    org.shift(days=1)
    for number in range(6):
        unasked(org, 5, f"Round {number}")
        org.send()
    assert len(org.mailer.taken) == 1 + 20
    assert len(held(org, Kind.SURGE)) == 10


def test_several_who_learn_what_is_usual_at_the_same_time_do_not_hinder_each_other(org: Chasing) -> None:
    customers(org, 2)
    together = Barrier(6)

    def learn(_: int) -> None:
        together.wait()
        habits.learn(org.app, org.organisation_id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(learn, range(6)))
    with org.app.database.read(org.organisation_id) as session:
        assert habits.habits_of(session, org.organisation_id).busiest_due == 2


def test_a_run_like_one_before_it_asks_nobody(org: Chasing) -> None:
    live(org, already=30)
    org.shift(days=1)
    unasked(org, 80)
    org.send()
    assert (len(org.mailer.taken), kinds(org)) == (110, [])


def test_what_a_person_has_said_yes_to_leaves_while_the_rest_of_a_surge_is_held(org: Chasing) -> None:
    customers(org, 8, "Seen")
    org.switch("live")
    unasked(org, 30)
    org.send()
    assert (len(org.mailer.taken), len(held(org, Kind.SURGE))) == (8, 30)


def test_a_dry_run_shows_everything_and_is_held_by_nothing(org: Chasing) -> None:
    customers(org, 60)
    org.switch("dry_run")
    org.polls = False
    org.send()
    assert {row.brake for row in org.chasers("held")} == {None}
    assert all("Dry run" in (row.reason or "") for row in org.chasers("held"))


ZONES = (
    "Europe/London",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
)


@pytest.mark.parametrize("zone", ZONES)
def test_the_cap_holds_in_any_24_hours_over_the_change_of_day_and_of_the_clocks(
    database_url: str, tmp_path: Path, zone: str
) -> None:
    open_all_day: dict[str, Any] = {"sending_days": list(range(7)), "timezone": zone}
    begin = datetime(2026, 10, 24, 9, 0, tzinfo=UTC)
    with chasing(database_url, tmp_path, now=begin, daily_cap=5, **open_all_day) as org:
        customers(org, 15)
        org.switch("live")
        for _ in range(18):
            org.plan()
            org.send()
            org.shift(hours=3)
        left = sorted(row.handed_over_at for row in org.chasers("sent") if row.handed_over_at)
    assert len(left) >= 10
    for moment in left:
        assert sum(moment <= other < moment + timedelta(hours=24) for other in left) <= 5


def test_the_cap_is_learned_from_the_busiest_day_and_gives_way_to_a_persons(org: Chasing) -> None:
    customers(org, 70)
    org.switch("dry_run")
    with org.app.database.read(org.organisation_id) as session:
        assert habits.cap_of(session, org.organisation()) == habits.Cap(210, "learned")
    switches.set_daily_cap(org.app, org.organisation_id, 4)
    with org.app.database.read(org.organisation_id) as session:
        assert habits.cap_of(session, org.organisation()) == habits.Cap(4, "person")
    with pytest.raises(UserError, match="10,000"):
        switches.set_daily_cap(org.app, org.organisation_id, 10_001)


def test_the_explanation_of_an_invoice_and_the_plan_tell_what_holds_all_of_it_back(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.switch("live")
    org.send()
    stop_one(org)
    found = outlook.why(org.app, org.organisation_id, org.id_of(invoice))
    assert found is not None
    (said,) = [one.text for one in found.reasons if one.rule == "brake_stop"]
    assert "Anna Hale stopped all mail: the texts are wrong" in said and "owner or manager" in said
    assert outlook.run_report(org.app, org.organisation_id).brakes == (said,)


def test_it_is_kept_who_released_a_brake_and_one_organisation_cannot_release_anothers(org: Chasing) -> None:
    stop_one(org)
    (brake,) = in_force(org)
    assert brake.id
    stranger = add_organisation(org.app, "another-tenant")
    assert not stopping.release(org.app, stranger, brake.id, "a stranger")
    assert stopping.release(org.app, org.organisation_id, brake.id, "Ben Hale")
    assert not stopping.release(org.app, org.organisation_id, brake.id, "Ben Hale")
    with org.app.database.read(org.organisation_id) as session:
        last = brakes.last_released(session, org.organisation_id)
    assert last is not None and last.released_by == "Ben Hale" and last.released_at is not None
