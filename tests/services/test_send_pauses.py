"""What cannot leave now: the ledger is silent or full, or the day has had its mails; it waits and says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from credit_control.morning import Sort
from integration.ledger import RateLimited, Unreachable
from kit import clock
from services import morning, send, switches
from tests.services.sending_stage import assert_planning_lets_it_stand, settled
from tests.support.chasing import Chasing, chasing


def test_no_answer_of_the_ledger_no_mail(org: Chasing) -> None:
    org.one_due()
    org.ledger.failures.extend([Unreachable("The ledger does not answer.")])
    org.send()
    row = org.only_chaser()
    assert (row.status, org.mailer.taken) == ("planned", [])
    assert row.planned_for == org.organisation().retry_sending_at
    assert "The ledger does not answer." in (row.reason or "")
    assert_planning_lets_it_stand(org)
    assert send.due(org.app) == []
    org.shift(minutes=1, seconds=1)
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    assert org.only_chaser().status == "sent"
    assert org.organisation().sending_problem is None


def test_a_full_ledger_is_asked_again_when_it_says(org: Chasing) -> None:
    org.one_due()
    org.ledger.failures.append(RateLimited("minute", 17))
    org.send()
    retry_at = org.organisation().retry_sending_at
    assert retry_at is not None
    assert (
        timedelta(seconds=15) < retry_at - datetime(2026, 11, 16, 11, 0, tzinfo=UTC) < timedelta(seconds=30)
    )


def test_a_chaser_that_could_not_be_checked_in_its_window_waits_for_the_next(org: Chasing) -> None:
    org.one_due()
    org.ledger.failures.extend([Unreachable("away")] * 3)
    org.send()
    org.move_to(datetime(2026, 11, 16, 16, 30, tzinfo=UTC))
    org.send()
    row = org.only_chaser()
    assert (row.status, org.mailer.taken) == ("cancelled", [])
    assert "window closed" in (row.reason or "")
    org.plan()
    row = org.only_chaser()
    assert row.status == "planned"
    assert row.planned_for is not None and row.planned_for.date() == datetime(2026, 11, 17).date()
    assert row.reason == (
        "The sending window closed before it could leave, so it waits for the next one. "
        "The ledger could not be asked, so nothing leaves: away"
    )


def test_a_ledger_silent_until_closing_moves_the_chaser_to_the_next_window_and_says_so(org: Chasing) -> None:
    org.one_due()
    org.move_to(datetime(2026, 11, 16, 15, 59, 30, tzinfo=UTC))
    org.ledger.failures.append(Unreachable("away"))
    org.send()
    row = org.only_chaser()
    assert row.planned_for is not None and row.planned_for.date() == datetime(2026, 11, 17).date()
    assert (row.status, row.not_after) == ("planned", datetime(2026, 11, 17, 16, 0, tzinfo=UTC))
    assert row.reason == (
        "It waits for the next sending window. The ledger could not be asked, so nothing leaves: away"
    )
    assert_planning_lets_it_stand(org)
    org.move_to(datetime(2026, 11, 16, 20, 0, tzinfo=UTC))
    assert_planning_lets_it_stand(org)


def test_a_reminder_for_before_the_due_date_does_not_wait_beyond_its_day(org: Chasing) -> None:
    org.one_due(-3)
    org.move_to(datetime(2026, 11, 16, 15, 59, 30, tzinfo=UTC))
    org.ledger.failures.append(Unreachable("away"))
    org.send()
    assert org.only_chaser().status == "planned"
    org.move_to(datetime(2026, 11, 17, 16, 1, tzinfo=UTC))
    org.plan()
    org.send()
    assert "leaves before the due date or not at all" in settled(org, org.only_chaser())


def test_the_daily_cap_counts_a_rolling_day(org: Chasing) -> None:
    for number in range(5):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.change(daily_cap=2)
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 2
    assert {row.status for row in org.chasers()} == {"sent", "planned"}
    assert "daily cap of 2" in (org.organisation().sending_problem or "")
    assert send.due(org.app) == []
    org.shift(days=1, minutes=1)
    org.plan()
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    assert len(org.mailer.taken) == 4


def capped(org: Chasing) -> None:
    """Four chasers were due, the cap let one leave, and three wait."""
    for number in range(4):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.change(daily_cap=1)
    org.switch("live")
    org.send()
    assert len(org.chasers("planned")) == 3


def test_what_the_cap_keeps_back_is_planned_for_the_moment_it_may_leave(org: Chasing) -> None:
    capped(org)
    free_at = org.organisation().retry_sending_at
    assert free_at is not None and free_at.date() == datetime(2026, 11, 17).date()
    for row in org.chasers("planned"):
        assert (row.planned_for, row.not_after) == (free_at, datetime(2026, 11, 17, 16, 0, tzinfo=UTC))
        assert row.reason == (
            "It waits for the next sending window. The daily cap of 1 chasers in 24 hours is reached. "
            "It ends by itself; an owner or manager can set another cap in the settings."
        )
    assert_planning_lets_it_stand(org)
    org.move_to(datetime(2026, 11, 16, 20, 0, tzinfo=UTC))
    assert_planning_lets_it_stand(org)


def test_a_cap_that_is_free_outside_the_window_lets_the_rest_leave_at_the_next_opening(
    database_url: str, tmp_path: Path
) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 11, 13, 11, 0, tzinfo=UTC)) as org:
        capped(org)
        opening = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
        assert len({row.planned_for for row in org.chasers("planned")}) == 3  # each in its own place
        for row in org.chasers("planned"):
            assert row.planned_for is not None
            assert timedelta() <= row.planned_for - opening <= timedelta(minutes=90)
        assert_planning_lets_it_stand(org)


def test_what_is_planned_while_sending_pauses_waits_with_the_others(org: Chasing) -> None:
    capped(org)
    org.invoice(org.customer("A late one"), "INV-9", 3)
    org.mirror()
    org.plan()
    rows = org.chasers("planned")
    assert len(rows) == 4
    assert {row.planned_for for row in rows} == {org.organisation().retry_sending_at}
    assert all("daily cap of 1" in (row.reason or "") for row in rows)


def test_a_higher_cap_lets_what_waited_leave_at_once(org: Chasing) -> None:
    capped(org)
    switches.set_daily_cap(org.app, org.organisation_id, 10)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 4


def told(org: Chasing) -> list[str]:
    """What Today says at its top."""
    with org.app.database.read(org.organisation_id) as session:
        found = morning.morning(session, org.organisation(), clock.now())
    return [line.ask.what for line in found.lines if line.ask.sort is Sort.PROBLEM]


def test_a_problem_that_is_over_is_said_no_longer_though_no_mail_is_there_to_leave(org: Chasing) -> None:
    org.one_due()
    org.move_to(datetime(2026, 11, 16, 15, 59, 30, tzinfo=UTC))
    org.ledger.failures.append(Unreachable("away"))
    org.send()
    assert any("The ledger could not be asked" in one for one in told(org))
    org.move_to(datetime(2026, 11, 16, 17, 0, tzinfo=UTC))
    org.mirror()
    assert told(org) == []
