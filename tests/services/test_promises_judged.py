"""What became of a promise: recognised as soon as the ledger tells, judged when its day is over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from credit_control.occasions import OccasionKind
from kit import clock
from services import promises_judged
from services.occasions import switches
from store.models import PromiseToPay, TeamTask
from store.queries import promises as queries
from store.queries import set_back
from tests.services.other_mails import others, want
from tests.services.promise_stage import (
    FRIDAY,
    TUESDAY,
    all_promises,
    judge,
    keep,
    learn,
    pays,
    states,
    the_day_after,
    why,
)
from tests.support.chasing import Chasing

BROKEN, DUE = OccasionKind.BROKEN_PROMISE, OccasionKind.PROMISE_DUE


@pytest.fixture
def invoice(org: Chasing) -> str:
    """Promised in full for Tuesday, in a live organisation; its ledger id."""
    with org.app.database.write(org.organisation_id) as session:
        switches.begin(session, org.organisation_id, clock.now())
    customer = org.customer()
    found = org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")
    keep(org, customer, "INV-1")
    org.plan()
    return found


def only(org: Chasing) -> PromiseToPay:
    (found,) = all_promises(org)
    return found


def test_a_payment_is_recognised_when_the_ledger_tells_of_it(org: Chasing, invoice: str) -> None:
    pays(org, invoice)
    judge(org)
    assert (only(org).state, only(org).paid) == ("kept", Decimal(100))


def test_a_part_leaves_it_open_until_its_day_and_says_what_is_missing(org: Chasing, invoice: str) -> None:
    pays(org, invoice, "40.00")
    judge(org)
    assert (only(org).state, only(org).paid) == ("open", Decimal(40))
    the_day_after(org)
    assert (only(org).state, only(org).paid) == ("part_kept", Decimal(40))


def test_a_credit_note_keeps_it_as_well(org: Chasing, invoice: str) -> None:
    contact = org.ledger.invoice_book[invoice].contact_id
    org.ledger.allocate(org.ledger.add_credit(contact, "CN-1", "100.00"), invoice, "100.00")
    learn(org)
    judge(org)
    assert states(org) == ["kept"]


def test_nothing_is_broken_before_the_books_were_read_after_its_day(org: Chasing, invoice: str) -> None:
    org.move_to(FRIDAY)
    org.change(synced_at=datetime(2026, 11, 26, 20, 0, tzinfo=UTC))
    judge(org)
    assert states(org) == ["open"]
    org.shift(minutes=6)
    learn(org)
    judge(org)
    assert states(org) == ["broken"]


def test_no_reminder_goes_ahead_of_the_word_about_a_promise_while_the_books_are_not_read(
    org: Chasing, invoice: str
) -> None:
    org.move_to(FRIDAY)
    org.change(synced_at=datetime(2026, 11, 26, 20, 0, tzinfo=UTC))
    judge(org)
    org.plan()
    assert org.chasers("planned") == []
    assert "waits until the books have been read" in why(org, "INV-1").reasons[0].text
    org.shift(minutes=6)
    learn(org)
    judge(org)
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert "You told us to expect £100.00 by 24 November 2026." in mail.text


def test_a_payment_that_is_entered_late_with_a_day_in_time_makes_it_kept(org: Chasing, invoice: str) -> None:
    the_day_after(org)
    assert states(org) == ["broken"]
    pays(org, invoice, on=date(2026, 11, 25))
    judge(org)
    org.plan()
    assert states(org) == ["kept"]
    assert [row.status for row in others(org, BROKEN)] == ["cancelled"]


def test_a_payment_that_is_taken_back_breaks_it_after_all(org: Chasing, invoice: str) -> None:
    payment = pays(org, invoice)
    judge(org)
    assert states(org) == ["kept"]
    org.ledger.delete_payment(payment)
    learn(org)
    judge(org)
    assert states(org) == ["open"]
    the_day_after(org)
    assert states(org) == ["broken"]


def test_a_voided_invoice_is_promised_by_nobody(org: Chasing, invoice: str) -> None:
    org.ledger.void(invoice)
    learn(org)
    judge(org)
    assert states(org) == ["withdrawn"]


def test_a_broken_promise_takes_the_place_of_the_next_reminder_once(org: Chasing, invoice: str) -> None:
    the_day_after(org)
    assert "leaves in place of the next reminder" in why(org, "INV-1").reasons[0].text
    assert org.chasers("planned") == []
    org.send()
    (mail,) = org.mailer.taken
    assert "You told us to expect £100.00 by 24 November 2026." in mail.text
    assert "INV-1" in mail.subject
    assert [row.status for row in others(org, BROKEN)] == ["sent"]
    org.plan()
    (next_one,) = org.chasers("planned")
    assert next_one.planned_for is not None
    assert next_one.planned_for.date() >= date(2026, 12, 1)
    org.shift(days=14)
    learn(org)
    judge(org)
    org.plan()
    org.send()
    assert [row.status for row in others(org, BROKEN)] == ["sent"]
    assert len(org.mailer.taken) == 2


def test_what_came_in_part_is_named(org: Chasing, invoice: str) -> None:
    pays(org, invoice, "40.00")
    the_day_after(org)
    org.send()
    (mail,) = org.mailer.taken
    assert "£40.00 of it has come, thank you; our books still lack £60.00." in mail.text


def test_who_pays_at_the_last_moment_is_not_written_to(org: Chasing, invoice: str) -> None:
    the_day_after(org)
    org.ledger.pay(invoice)
    org.send()
    assert org.mailer.taken == []


def test_switched_off_the_schedule_just_goes_on(org: Chasing, invoice: str) -> None:
    want(org, BROKEN, on=False)
    the_day_after(org)
    assert states(org) == ["broken"]
    (chaser,) = org.chasers("planned")
    assert chaser.planned_for is not None and chaser.planned_for.date() == date(2026, 11, 27)
    assert others(org, BROKEN) == []


def test_switching_off_lets_the_schedule_go_on_at_once(org: Chasing, invoice: str) -> None:
    the_day_after(org)
    want(org, BROKEN, on=False)
    assert [row.status for row in others(org, BROKEN)] == ["cancelled"]
    assert len(org.chasers("planned")) == 1


def test_a_new_promise_needs_no_word_about_the_old_one(org: Chasing, invoice: str) -> None:
    the_day_after(org)
    keep(org, org.ledger.invoice_book[invoice].contact_id, "INV-1", on=date(2026, 12, 1))
    org.plan()
    org.send()
    assert org.mailer.taken == []
    assert [one.state for one in all_promises(org)] == ["broken", "open"]


def test_somebody_is_asked_to_see_to_it_until_it_is_kept(org: Chasing, invoice: str) -> None:
    def tasks() -> list[TeamTask]:
        return [one for one in org._all(TeamTask) if one.kind == "promise" and one.finished_at is None]

    the_day_after(org)
    (task,) = tasks()
    assert task.what == ("GBP 100.00 by 24 November 2026 was promised, and GBP 100.00 of it did not come.")
    pays(org, invoice, on=TUESDAY)
    judge(org)
    assert tasks() == []


def test_nobody_has_to_see_to_a_promise_of_which_all_has_come_if_late(org: Chasing, invoice: str) -> None:
    the_day_after(org)
    pays(org, invoice, "40.00")
    judge(org)
    assert [one.finished_at for one in org._all(TeamTask)] == [None]
    pays(org, invoice)
    judge(org)
    assert only(org).state == "broken"
    assert [one.finished_by for one in org._all(TeamTask)] == ["Dunnock"]
    assert only(org).follow_up_until is None


def test_a_clock_that_was_ahead_breaks_nothing_for_good(org: Chasing, invoice: str) -> None:
    now = clock.now()
    org.move_to(FRIDAY)
    learn(org)
    judge(org)
    assert states(org) == ["broken"]
    org.move_to(now)
    with org.app.database.write_across() as session:
        set_back.bring_back(session, clock.now())
    judge(org)
    assert states(org) == ["open"]
    assert why(org, "INV-1").decision == "hold"


def test_how_often_a_customer_keeps_its_word(org: Chasing, invoice: str) -> None:
    customer = org.ledger.invoice_book[invoice].contact_id
    the_day_after(org)
    keep(org, customer, "INV-1", on=date(2026, 12, 1))
    pays(org, invoice)
    judge(org)
    with org.app.database.read(org.organisation_id) as session:
        rate = queries.kept_rates(session, org.organisation_id, [org.id_of(customer)])[org.id_of(customer)]
    assert rate.text == "kept 1 of 2 promises (50 %)"


def test_a_reminder_before_the_day_leaves_once_where_it_is_wanted(org: Chasing, invoice: str) -> None:
    want(org, DUE)
    org.plan()
    org.send()
    assert org.mailer.taken == []
    org.move_to(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert "You told us to expect £100.00 by 24 November 2026, for invoice INV-1." in mail.text
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1


def test_work_is_found_by_the_clock(org: Chasing, invoice: str) -> None:
    assert promises_judged.due(org.app) == []
    org.move_to(FRIDAY)
    assert promises_judged.due(org.app) == [org.organisation_id]
