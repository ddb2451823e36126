"""Mails beside chasers keep what is promised of chasers: once each, held by every brake, and lost by none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from credit_control.occasions import OccasionKind
from services import abandoned, stopping
from tests.services.other_mails import others, want
from tests.services.test_continuity import go_back, tick
from tests.services.test_send_crashes import Killed
from tests.support.backups import back_up
from tests.support.chasing import Chasing

STATEMENT = OccasionKind.STATEMENT
FIRST = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


def due(org: Chasing, customers: int = 1, switch: str = "live") -> None:
    """It is the first working day of a month, and so many statements may leave."""
    for number in range(customers):
        org.invoice(org.customer(f"Customer {number}", f"c{number}@example.com"), f"INV-{number}", -60)
    org.mirror()
    org.switch(switch)
    want(org, STATEMENT)
    org.move_to(FIRST)
    org.plan()


@pytest.mark.parametrize("taken", [True, False])
def test_a_death_during_the_hand_over_is_unknown_and_never_sends_twice(org: Chasing, taken: bool) -> None:
    due(org)
    (org.mailer.lost_answers if taken else org.mailer.failures).append(Killed())
    with pytest.raises(Killed):
        org.send()
    for _ in range(3):
        org.shift(minutes=4)
        abandoned.settle(org.app)
        org.plan(everything=True, approve=True)
        org.send()
    (row,) = others(org, STATEMENT)
    assert (row.status, len(org.mailer.taken)) == ("unknown", int(taken))


def test_a_dry_run_writes_and_holds_it_and_going_live_sends_it(org: Chasing) -> None:
    due(org, switch="dry_run")
    org.send()
    (row,) = others(org, STATEMENT)
    assert row.status == "held" and row.body_text and org.mailer.taken == []
    org.shift(minutes=10)
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 1


def test_a_stop_holds_it_and_the_release_lets_it_go(org: Chasing) -> None:
    due(org)
    brake = stopping.stop(org.app, org.organisation_id, "The books are being moved.", "Anna Hale")
    org.send()
    (row,) = others(org, STATEMENT)
    assert row.status == "held" and org.mailer.taken == []
    org.plan()
    assert others(org, STATEMENT)[0].status == "held"
    stopping.release(org.app, org.organisation_id, brake.id, "Anna Hale")
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1


def test_beyond_the_daily_cap_statements_go_on_the_next_days_and_after_five_not_at_all(org: Chasing) -> None:
    org.change(daily_cap=1)
    due(org, customers=8)
    for _ in range(14):
        org.send()
        org.shift(days=1, minutes=2)
        org.plan()
    assert len(org.mailer.taken) == 6
    left_out = others(org, STATEMENT, "cancelled")
    assert len(left_out) == 2
    assert all("its days are over" in (row.reason or "") for row in left_out)


def test_chasing_that_is_switched_off_cancels_it(org: Chasing) -> None:
    due(org)
    org.switch("off")
    (row,) = others(org, STATEMENT)
    assert (row.status, row.reason) == ("cancelled", "Chasing was switched off by Anna Hale.")


def test_a_restored_database_does_not_send_it_again(org: Chasing) -> None:
    due(org)
    tick(org)
    backup = back_up(org.app.database)
    org.send()
    org.write_notes()
    go_back(org, backup)
    org.shift(minutes=20)
    tick(org)
    org.send()
    org.write_notes()
    assert set(org.mailer.times_taken.values()) == {1}
    (row,) = others(org, STATEMENT)
    assert row.status == "sent" and "before this database was restored" in (row.reason or "")
    assert row.sent_at is not None and row.sent_at - FIRST < timedelta(minutes=1)


def test_a_statement_with_a_new_invoice_is_looked_up_before_it_says_so(org: Chasing) -> None:
    due(org)
    customer = next(iter(org.ledger.contact_book))
    org.invoice(customer, "INV-NEW", -30)
    org.mirror()
    org.send()
    (mail,) = org.mailer.taken
    assert "INV-NEW" in mail.text and "INV-0" in mail.text


def test_an_address_that_changed_holds_it_until_somebody_says_yes(org: Chasing) -> None:
    due(org)
    customer = next(iter(org.ledger.contact_book))
    org.ledger.change_contact(customer, email="mallory@elsewhere.example")
    org.send()
    (row,) = others(org, STATEMENT)
    assert (row.status, row.brake) == ("held", "address") and org.mailer.taken == []
    org.plan()
    assert others(org, STATEMENT)[0].status == "held"
    org.ledger.change_contact(customer, email="c0@example.com")
    org.mirror()
    org.plan()
    org.send()
    assert [mail.to for mail in org.mailer.taken] == [("c0@example.com",)]


def test_an_address_that_changed_before_it_was_planned_waits_as_well(org: Chasing) -> None:
    org.invoice(org.customer("Customer 0", "c0@example.com"), "INV-0", -60)
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    org.ledger.change_contact(next(iter(org.ledger.contact_book)), email="mallory@elsewhere.example")
    org.mirror()
    org.move_to(FIRST)
    org.plan()
    (row,) = others(org, STATEMENT)
    assert (row.status, row.brake) == ("held", "address")
    assert row.reason is not None and "somebody must say that it is right" in row.reason
