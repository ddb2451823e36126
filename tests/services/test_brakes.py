"""Brakes: whatever the rules want, not too many, not by old books, and nothing at all once somebody says stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from credit_control.brakes import Kind
from integration.email.mailer import Mail
from integration.ledger import LedgerPayment
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import brakes, habits, outlook, send, stopping, switches
from services.brakes import InForce
from services.mirror import schedule
from services.mirror.write import store_payments
from store.models import Communication, Organisation, SyncPosition
from tests.support.chasing import Chasing, chasing
from tests.support.mirrored import add_organisation


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        yield found


def customers(org: Chasing, count: int, name: str = "Customer", overdue: int = 3) -> None:
    """So many customers more, each with an invoice on which a reminder is due."""
    for number in range(count):
        org.invoice(org.customer(f"{name} {number}"), f"{name}-{number}", overdue)
    org.mirror()


def send_all(org: Chasing) -> None:
    """Turn after turn, until nothing more may leave."""
    while org.send():
        pass


def unasked(org: Chasing, count: int, name: str = "Unasked") -> None:
    """So many chasers are planned that no person has seen."""
    customers(org, count, name)
    org.plan(everything=True)


def live(org: Chasing, already: int = 1) -> None:
    """Chasing is live, and what was planned then has left."""
    customers(org, already, "First")
    org.switch("live")
    send_all(org)
    assert len(org.mailer.taken) == already


def in_force(org: Chasing) -> list[InForce]:
    with org.app.database.read(org.organisation_id) as session:
        organisation = session.get_one(Organisation, org.organisation_id)
        return brakes.in_force(session, organisation, clock.now())


def kinds(org: Chasing) -> list[str]:
    return [one.kind for one in in_force(org)]


def release(org: Chasing, kind: str = Kind.SURGE) -> None:
    (brake,) = [one for one in in_force(org) if one.kind == kind]
    assert brake.id and stopping.release(org.app, org.organisation_id, brake.id, "Anna Hale")
    org.plan()


def held(org: Chasing, kind: str) -> list[Communication]:
    """The chasers that a brake holds; each says why, and who may release it."""
    (brake,) = [one for one in in_force(org) if one.kind == kind]
    rows = org.chasers("held")
    assert {(row.brake, row.reason) for row in rows} <= {(kind, brake.text)}
    assert brake.reason in brake.text and brake.who in brake.text
    return rows


def paid_on(org: Chasing, *days: date, reconciled: bool = False, entered: datetime | None = None) -> None:
    """Payments of these days, entered on the day (or at a moment), reach the mirror."""
    payments = [
        LedgerPayment(
            id=new_id(),
            kind="ACCRECPAYMENT",
            invoice_id=None,
            contact_id=None,
            paid_on=day,
            currency="GBP",
            amount=Decimal(100),
            status="AUTHORISED",
            is_reconciled=reconciled,
            updated_at=entered or datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        )
        for day in days
    ]
    with org.app.database.write(org.organisation_id) as session:
        store_payments(session, org.organisation_id, payments, clock.now())


def well_kept_until(org: Chasing, ago: int, *, reconciled: bool = False) -> None:
    """Somebody entered payments every other day of the last three months, and the last so many days ago."""
    today = clock.now().date()
    paid_on(org, *(today - timedelta(days=ago + 2 * number) for number in range(45)), reconciled=reconciled)


# -- how many ------------------------------------------------------------------------------------------


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
        send_all(org)
    assert (org.mailer.taken, org.chasers()) == ([], [])
    org.switch("live")
    for _ in range(3):
        send_all(org)
        org.shift(minutes=1)
    assert len(org.mailer.taken) == 100
    assert kinds(org) == [Kind.CAP]


def test_what_a_person_said_yes_to_by_going_live_leaves_however_much_it_is(org: Chasing) -> None:
    customers(org, 45)
    org.switch("live")
    send_all(org)
    assert (len(org.mailer.taken), kinds(org)) == (45, [])


def test_a_run_far_beyond_any_before_it_is_held_whole_until_somebody_says_yes(org: Chasing) -> None:
    live(org)
    org.shift(days=1)
    unasked(org, 60)
    send_all(org)
    assert len(org.mailer.taken) == 1
    assert len(held(org, Kind.SURGE)) == 60
    org.plan(everything=True)
    send_all(org)
    assert len(held(org, Kind.SURGE)) == 60
    release(org)
    send_all(org)
    assert (len(org.mailer.taken), kinds(org)) == (61, [])


def test_no_more_than_twenty_that_nobody_was_asked_about_leave_one_by_one_either(org: Chasing) -> None:
    live(org)
    org.shift(days=1)
    for number in range(6):
        unasked(org, 5, f"Round {number}")
        send_all(org)
    assert len(org.mailer.taken) == 1 + 20
    assert len(held(org, Kind.SURGE)) == 10


def test_a_run_like_one_before_it_asks_nobody(org: Chasing) -> None:
    live(org, already=30)
    org.shift(days=1)
    unasked(org, 80)
    send_all(org)
    assert (len(org.mailer.taken), kinds(org)) == (110, [])


def test_what_a_person_has_said_yes_to_leaves_while_the_rest_of_a_surge_is_held(org: Chasing) -> None:
    customers(org, 8, "Seen")
    org.switch("live")
    unasked(org, 30)
    send_all(org)
    assert (len(org.mailer.taken), len(held(org, Kind.SURGE))) == (8, 30)


def test_a_dry_run_shows_everything_and_is_held_by_nothing(org: Chasing) -> None:
    customers(org, 60)
    org.switch("dry_run")
    org.polls = False
    send_all(org)
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
            send_all(org)
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


# -- by which books ------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [timedelta(hours=-7), timedelta(hours=1)], ids=["a night ago", "tomorrow"])
def test_nothing_leaves_by_an_old_mirror_until_the_ledger_has_been_read(
    org: Chasing, read: timedelta
) -> None:
    org.one_overdue()
    org.switch("live")
    org.polls = False
    org.change(synced_at=clock.now() + read)
    for _ in range(2):
        send_all(org)
        org.shift(seconds=21)
    row = org.only_chaser()
    assert (row.status, org.mailer.taken, org.ledger.calls) == ("planned", [], [])
    (brake,) = in_force(org)
    assert (brake.kind, row.reason) == (Kind.OLD_MIRROR, brake.text)
    org.change(synced_at=clock.now())
    send_all(org)
    assert (len(org.mailer.taken), kinds(org)) == (1, [])


def test_a_mirror_that_grows_old_during_a_run_stops_it_at_the_next_hand_over(org: Chasing) -> None:
    customers(org, 5)
    org.switch("live")
    org.mailer.before_taking = lambda _mail: org.change(synced_at=clock.now() - timedelta(hours=7))
    send_all(org)
    assert len(org.mailer.taken) == 1
    assert {row.status for row in org.chasers()} == {"sent", "planned"}


def test_books_that_nobody_keeps_up_hold_everything_until_a_payment_comes_in(org: Chasing) -> None:
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    send_all(org)
    assert (org.mailer.taken, len(held(org, Kind.UNRECONCILED))) == ([], 1)
    assert "8 November 2026" in in_force(org)[0].reason
    paid_on(org, clock.now().date())
    assert kinds(org) == []
    org.plan()
    send_all(org)
    assert len(org.mailer.taken) == 1


def test_while_the_books_are_in_doubt_a_changed_invoice_has_the_payments_read_at_once(org: Chasing) -> None:
    now = clock.now()
    with org.app.database.write(org.organisation_id) as session:
        session.add(
            SyncPosition(
                organisation_id=org.organisation_id,
                resource=schedule.PAYMENTS,
                completed_at=now,
                next_at=now + timedelta(hours=2),
                touched_at=now,
            )
        )
    well_kept_until(org, 8)
    first, second = org.one_overdue(), org.invoice(org.customer("Another"), "INV-2", 3)
    org.switch("live")
    org.ledger.pay(first, "10")
    org.mirror()
    assert schedule.due(org.app) == []
    send_all(org)
    assert kinds(org) == [Kind.UNRECONCILED]
    org.ledger.pay(second, "10")
    org.mirror()
    assert schedule.due(org.app) == [org.organisation_id]


def test_a_payment_of_last_week_that_is_entered_today_shows_that_the_books_are_kept(org: Chasing) -> None:
    well_kept_until(org, 9)
    paid_on(org, clock.now().date() - timedelta(days=8), entered=clock.now())
    live(org)
    assert kinds(org) == []


def test_a_payment_dated_in_the_future_shows_nothing(org: Chasing) -> None:
    well_kept_until(org, 9)
    long_ago = clock.now() - timedelta(days=30)
    paid_on(org, clock.now().date() + timedelta(days=20), entered=long_ago)
    org.one_overdue()
    org.switch("live")
    send_all(org)
    assert kinds(org) == [Kind.UNRECONCILED]


def test_where_payments_are_reconciled_only_reconciled_ones_count(org: Chasing) -> None:
    well_kept_until(org, 9, reconciled=True)
    paid_on(org, clock.now().date())
    org.one_overdue()
    org.switch("live")
    send_all(org)
    assert kinds(org) == [Kind.UNRECONCILED]


def test_too_few_payments_tell_nothing(org: Chasing) -> None:
    paid_on(org, *(clock.now().date() - timedelta(days=90 + number) for number in range(9)))
    live(org)
    assert kinds(org) == []


def test_a_person_who_has_looked_at_the_books_is_not_asked_again_for_a_week(org: Chasing) -> None:
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    send_all(org)
    release(org, Kind.UNRECONCILED)
    send_all(org)
    assert len(org.mailer.taken) == 1
    org.shift(days=1)
    unasked(org, 1)
    send_all(org)
    assert len(org.mailer.taken) == 2
    org.shift(days=7)
    unasked(org, 1, "Later")
    send_all(org)
    assert kinds(org) == [Kind.UNRECONCILED]


def test_a_limit_that_a_person_sets_takes_the_place_of_the_learned_one_and_may_let_go(org: Chasing) -> None:
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    send_all(org)
    assert kinds(org) == [Kind.UNRECONCILED]
    switches.set_books_limit(org.app, org.organisation_id, 10)
    org.plan()
    send_all(org)
    assert (len(org.mailer.taken), kinds(org)) == (1, [])
    with pytest.raises(UserError, match="from 1 to 365"):
        switches.set_books_limit(org.app, org.organisation_id, 0)


# -- the kill switches ---------------------------------------------------------------------------------


def stop_one(org: Chasing) -> None:
    stopping.stop(org.app, org.organisation_id, "the texts are wrong", "Anna Hale")


def stop_everybody(org: Chasing) -> None:
    stopping.stop_all(org.app, "the texts are wrong", "ops")


def resume(org: Chasing, kind: str) -> bool:
    if kind == Kind.STOP:
        return stopping.resume(org.app, org.organisation_id, "Anna Hale")
    return stopping.resume_all(org.app)


SWITCHES = {Kind.STOP: stop_one, Kind.STOP_ALL: stop_everybody}


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_kill_switch_in_the_middle_of_a_run_lets_one_more_leave_and_loses_none(
    org: Chasing, kind: Kind
) -> None:
    customers(org, 60)
    org.switch("live")
    stopped_at: list[int] = []

    def somebody_stops(_mail: Mail) -> None:
        if len(org.mailer.taken) == 6 and not stopped_at:
            stopped_at.append(len(org.mailer.taken))
            SWITCHES[kind](org)

    org.mailer.before_taking = somebody_stops
    for _ in range(3):
        send_all(org)
    assert stopped_at == [6] and len(org.mailer.taken) == 7
    assert len(held(org, kind)) == 53
    assert all("the texts are wrong" in (row.reason or "") for row in org.chasers("held"))
    org.plan(everything=True, approve=True)
    send_all(org)
    assert len(org.mailer.taken) == 7
    assert resume(org, kind)
    org.plan()
    send_all(org)
    assert len(org.mailer.times_taken) == 60
    assert set(org.mailer.times_taken.values()) == {1}
    assert not resume(org, kind)


@pytest.mark.parametrize("kind", SWITCHES)
def test_what_is_planned_while_all_is_stopped_is_held_when_it_falls_due(org: Chasing, kind: Kind) -> None:
    live(org)
    SWITCHES[kind](org)
    org.shift(days=1)
    unasked(org, 3)
    assert send.due(org.app) == [org.organisation_id]
    send_all(org)
    assert (len(org.mailer.taken), len(held(org, kind))) == (1, 3)
    assert send.due(org.app) == []


def test_a_stop_outlasts_going_off_and_live_again(org: Chasing) -> None:
    customers(org, 2)
    stop_one(org)
    org.switch("live")
    send_all(org)
    assert org.mailer.taken == []
    org.switch("off")
    org.switch("live")
    send_all(org)
    assert (org.mailer.taken, len(held(org, Kind.STOP))) == ([], 2)


def test_what_was_paid_while_it_was_held_does_not_leave_after_the_release(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.switch("live")
    stop_one(org)
    send_all(org)
    org.ledger.pay(invoice)
    org.mirror()
    resume(org, Kind.STOP)
    org.plan()
    send_all(org)
    assert (org.only_chaser().status, org.mailer.taken) == ("cancelled", [])


def test_a_stop_needs_a_reason_that_others_can_read(org: Chasing) -> None:
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(UserError):
            stopping.stop(org.app, org.organisation_id, reason, "Anna Hale")
    assert kinds(org) == []


# -- telling -------------------------------------------------------------------------------------------


def test_the_explanation_of_an_invoice_and_the_plan_tell_what_holds_all_of_it_back(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.switch("live")
    send_all(org)
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
